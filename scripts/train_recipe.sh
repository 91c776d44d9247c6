#!/usr/bin/env bash
# A transfer model of a recipe: from its phrase swaps, then from what readers wrote and from what they found right.
#     scripts/train_recipe.sh yelp|amazon|styled_captions [FOLDER]
# The model goes to FOLDER/feedback/model, and with a reader that ranks what it offers to FOLDER/reranker/model. Where
# that reader is good enough to teach, the writer it taught and a new reader go to FOLDER/reranker-2/model, and those
# of a second such round to FOLDER/reranker-3/model; marks on what it offers then move the writer itself, and with a
# reader of its own it is FOLDER/reranker-4/model; marks on what its pupils offer make FOLDER/reranker-5/model.
# Stopped at any point, the same command goes on. The recipe is the same for all; batches go with the sentences.
set -euo pipefail
cd "$(dirname "$0")/.."
recipe=$1 runs=${2:-runs/$1} taught=0
case $recipe in
  yelp) warm=15000 prior=3000 written=1600 marked=240 grow=0 more=(yelp_verdicts) free=(review_pairs)
        marks=(yelp_verdicts_2) offers=(yelp_verdicts_3 yelp_verdicts_4 yelp_verdicts_5 yelp_verdicts_6) readings=2600
        taught=2800 ;;
  amazon) warm=6000 prior=1200 written=700 marked=120 grow=2 more=() free=() marks=(amazon_verdicts)
          offers=(amazon_verdicts_2) readings=500 ;;
  styled_captions) warm=1000 prior=200 written=440 marked=80 grow=2 more=() free=() marks=(styled_captions_verdicts)
                   offers=() ;;  # too few are marked for a reader
  *) echo "no readers wrote for the recipe $recipe: yelp, amazon or styled_captions" >&2; exit 2 ;;
esac
textdis=.venv/bin/textdis
# glibc gives large tensors back to the system after every step otherwise, and takes them again
export MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=4000000000

paths() { for name in "$@"; do echo "data_recipes/$name.jsonl.gz"; done; }

$textdis train phrase-swap --recipe "$recipe" --output "$runs/phrase-swap"
# real sentences from their phrase swaps; then the same, with sources of no word at all, which teach the prior
pairs=(--recipe "$recipe" --pairs "$runs/phrase-swap/model")
$textdis train transfer "${pairs[@]}" --output "$runs/pairs-warm" --steps "$warm" --warmup "$warm" --lr 0.0015
mkdir -p "$runs/pairs-prior"
[ -e "$runs/pairs-prior/pairs.jsonl" ] || cp "$runs/pairs-warm/pairs.jsonl" "$runs/pairs-prior/"
$textdis train transfer "${pairs[@]}" --output "$runs/pairs-prior" --init "$runs/pairs-warm/model" --prior 0.5 \
  --steps "$prior" --warmup "$prior" --lr 0.0005
# then what readers wrote, and which of the rewritings it offered them they found right
feedback=("${pairs[@]}" --edited 2)
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/written" --init "$runs/pairs-prior/model" --steps "$written" \
  --groups 2 --said 128 --lr 0.001 --weights rank 0.3 say 1.0 --grow "$grow" \
  --verdicts $(paths "${more[@]}" "${recipe}_written" "${free[@]}")
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/feedback" --init "$runs/written/last" --steps "$marked" \
  --groups 14 --said 48 --lr 0.0005 --back 0 --prior 0 --least 2 --neutral 0.65 --validations 4 \
  --verdicts $(paths "${marks[@]}" "${recipe}_written" "${free[@]}")
# what it offers then, and which of it they found right, teaches a reader to rank
[ ${#offers[@]} -eq 0 ] && exit
# shellcheck disable=SC2046
$textdis train reranker --recipe "$recipe" --init "$runs/feedback/model" --output "$runs/reranker" --steps "$readings" \
  --validations 6 --label 0.7 --verdicts $(paths "${offers[@]}")

# what the reader is sure of teaches the writer, beside all that readers wrote; then a reader learns what it offers then
[ "$taught" -eq 0 ] && exit
offers+=(yelp_verdicts_7 yelp_verdicts_8) without=()
for path in $(paths "${offers[@]}"); do without+=(--without "$path"); done
teach() {  # a folder, a reranker's folder, a random seed
  [ -e "$1/taught.jsonl.gz" ] ||
    .venv/bin/python scripts/teach.py "$1" "$1/taught.jsonl.gz" --system "$2" --seed "$3" "${without[@]}"
}
teach "$runs/teach" "$runs/reranker/model" 98
feedback+=(--grow 2 --least 2)
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/again" --init "$runs/written/last" --steps 800 \
  --groups 2 --said 128 --lr 0.001 --weights rank 0.3 say 1.0 \
  --verdicts $(paths yelp_verdicts yelp_verdicts_3 yelp_written review_pairs phenomena_pairs)
feedback+=(--back 0 --prior 0 --neutral 0.65 --batch-size 16 --said 192)
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/taught" --init "$runs/again/last" --steps "$taught" \
  --groups 4 --lr 0.001 --weights say 1.0 \
  --verdicts "$runs/teach/taught.jsonl.gz" $(paths yelp_written yelp_written_2 review_pairs phenomena_pairs)
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/marked" --init "$runs/taught/last" --steps 500 \
  --groups 12 --lr 0.0007 --validations 3 \
  --verdicts $(paths "${marks[@]}" yelp_written_3 yelp_written_4 yelp_written review_pairs review_pairs_2)
# shellcheck disable=SC2046
$textdis train reranker --recipe "$recipe" --init "$runs/marked/last" --output "$runs/reranker-2" --steps 1200 \
  --groups 48 --validations 5 --label 1.2 --neutral 0.33 --verdicts $(paths "${offers[@]}")

# the same once more: from what the new reader is sure of and from more that readers wrote, to marks on what comes of it
without+=(--without "$(paths yelp_verdicts_9)")
teach "$runs/teach-2" "$runs/reranker-2/model" 99
feedback+=(--groups 4 --lr 0.001 --weights say 1.0)
known=(yelp_written yelp_written_2 yelp_written_3 yelp_written_4 review_pairs review_pairs_2)
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/taught-2" --init "$runs/marked/last" --steps 2200 \
  --verdicts "$runs"/teach{-2,}/taught.jsonl.gz $(paths "${known[@]}" phenomena_pairs)
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/taught-3" --init "$runs/taught-2/last" --steps 1300 \
  --verdicts "$runs/teach-2/taught.jsonl.gz" $(paths yelp_written_5 yelp_written_6 review_pairs_3 "${known[@]}")
# marks on what this writer offers count three times, those on what the writer before offered twice
own=(yelp_verdicts_10 yelp_verdicts_11)
offers+=(yelp_verdicts_9 yelp_verdicts_9 "${own[@]}" "${own[@]}" "${own[@]}")
# shellcheck disable=SC2046
$textdis train reranker --recipe "$recipe" --init "$runs/taught-3/last" --output "$runs/reranker-3" --steps 1400 \
  --groups 48 --validations 5 --label 2 --neutral 0.33 --verdicts $(paths "${offers[@]}")

# marks on what it offers then, and rewritings of what it fails on, teach the writer itself; then what it never learnt
own=(--edited 2 --grow 2 --least 2 --back 0 --prior 0 --neutral 0.65 --batch-size 8 --said 96)
feedback=(--recipe "$recipe" --pairs "$runs/reranker-3/model" --limit 4000 "${own[@]}")
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/marked-2" --init "$runs/taught-3/last" --steps 900 \
  --groups 14 --lr 0.0007 --validations 3 --verdicts $(paths yelp_verdicts_12 yelp_written_7 yelp_written_6 \
    yelp_written_5 yelp_written_4 yelp_written_3 review_pairs review_pairs_2 review_pairs_3 phenomena_pairs)
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/marked-3" --init "$runs/marked-2/last" --steps 450 \
  --groups 8 --lr 0.0006 --validations 2 --verdicts $(paths yelp_verdicts_12 yelp_written_7 yelp_written_7 \
    review_pairs_4 review_pairs_4 review_pairs_2 review_pairs_3 phenomena_pairs yelp_written_6)
# of the marks that it did not learn from, those on what it offers now count three times
own=(yelp_verdicts_14)
# shellcheck disable=SC2046
$textdis train reranker --recipe "$recipe" --init "$runs/marked-3/last" --output "$runs/reranker-4" --steps 1200 \
  --groups 48 --validations 5 --label 2 --neutral 0.33 --verdicts $(paths "${own[@]}" "${own[@]}" "${own[@]}" \
    yelp_verdicts_13 yelp_verdicts_13 yelp_verdicts_10 yelp_verdicts_11 yelp_verdicts_9 yelp_verdicts_8 yelp_verdicts_7)

# marks on what that writer and its pupils offer; of several right ones those that say their style plainly
feedback+=(--pairs "$runs/reranker-4/model" --clear 0.9 --least 6)
# shellcheck disable=SC2046
$textdis train feedback "${feedback[@]}" --output "$runs/marked-4" --init "$runs/marked-3/last" --steps 1800 \
  --groups 16 --lr 0.0006 --validations 3 \
  --verdicts $(paths yelp_verdicts_{20,19,18,17,16,15} yelp_written_9 review_pairs_{2..6} phenomena_pairs)
# shellcheck disable=SC2046
$textdis train reranker --recipe "$recipe" --init "$runs/marked-4/last" --output "$runs/reranker-5" --steps 600 \
  --groups 48 --validations 2 --label 3.5 --neutral 0.40 --verdicts $(paths yelp_verdicts_{21,21,14,13,10,11,9}) \
  --neutrals $(paths yelp_verdicts{,_{2,3,4,5,6,7,8,12,15,16,17,18,19,20}} yelp_written{,_{2..9}} \
    review_pairs{,_{2..6}} phenomena_pairs)
