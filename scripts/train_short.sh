#!/usr/bin/env bash
# The shortest way from Yelp's sentences, and all that readers wrote and marked, to a transfer model with its reader:
#     scripts/train_short.sh FOLDER [RANDOM_SEED]
# Some seventy minutes of one core with AVX-512, where `train_recipe.sh yelp` goes the long way to the model that ships.
# Stopped at any point, the same command goes on. Phrase swaps draw nothing: runs of several random seeds may share them.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=$1 seed=${2:-0} textdis=.venv/bin/textdis
# glibc gives large tensors back to the system after every step otherwise, and takes them again
export MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=4000000000

paths() { for name in "$@"; do echo "data_recipes/$name.jsonl.gz"; done; }

[ -e "$runs/phrase-swap/model" ] || $textdis train phrase-swap --recipe yelp --output "$runs/phrase-swap"
own=(--recipe yelp --pairs "$runs/phrase-swap/model" --seed "$seed")
$textdis train transfer "${own[@]}" --output "$runs/warm" --steps 5000 --warmup 5000 --lr 0.0015

own+=(--limit 4000 --edited 2 --grow 2 --least 6 --back 0 --prior 0 --neutral 0.65 --said 192 --validations 2)
composed=(review_pairs review_pairs_2 review_pairs_3 review_pairs_4)
late=(yelp_written_3 yelp_written_4 yelp_written_5 yelp_written_6 yelp_written_7)
marks=(yelp_verdicts yelp_verdicts_2 yelp_verdicts_3 yelp_verdicts_4 yelp_verdicts_5 yelp_verdicts_6 yelp_verdicts_7)
last=(yelp_verdicts_8 yelp_verdicts_12)
# shellcheck disable=SC2046
$textdis train feedback "${own[@]}" --init "$runs/warm/model" --output "$runs/written" --steps 2600 --groups 4 \
  --batch-size 16 --lr 0.0015 --weights say 1.0 --verdicts $(paths yelp_written yelp_written_2 "${late[@]}" \
    "${composed[@]}" review_pairs_5 phenomena_pairs "${marks[@]}" "${last[@]}")
# what came last counts twice, and marks weigh as much as words
twice=(yelp_written_8 yelp_written_8 yelp_written_9 yelp_written_9)
composed+=(phenomena_pairs review_pairs_5 review_pairs_5 review_pairs_6 review_pairs_6)
# shellcheck disable=SC2046
$textdis train feedback "${own[@]}" --init "$runs/written/last" --output "$runs/marked" --steps 450 --groups 12 \
  --batch-size 8 --lr 0.0008 --verdicts $(paths "${late[@]}" "${twice[@]}" "${composed[@]}" "${last[@]}")
# marks on what such a writer offers; of several right ones those that say their style plainly
own+=(--clear 0.9)
# shellcheck disable=SC2046
$textdis train feedback "${own[@]}" --init "$runs/marked/last" --output "$runs/clear" --steps 1800 --groups 16 \
  --batch-size 8 --said 96 --lr 0.0006 --verdicts $(paths yelp_verdicts_20 yelp_verdicts_19 yelp_verdicts_18 \
    yelp_verdicts_17 yelp_verdicts_16 yelp_verdicts_15 yelp_written_9 review_pairs_{2..6} phenomena_pairs)
# of the marks that it did not learn from, a reader
# shellcheck disable=SC2046
$textdis train reranker --recipe yelp --seed "$seed" --init "$runs/clear/last" --output "$runs/reader" --steps 600 \
  --groups 48 --validations 2 --label 3.5 --neutral 0.40 --verdicts $(paths yelp_verdicts_21 yelp_verdicts_21 \
    yelp_verdicts_14 yelp_verdicts_14 yelp_verdicts_13 yelp_verdicts_13 yelp_verdicts_10 yelp_verdicts_11 yelp_verdicts_9) \
  --neutrals $(paths yelp_verdicts{,_{2,3,4,5,6,7,8,12,15,16,17,18,19,20}} yelp_written{,_{2..9}} \
    review_pairs{,_{2..6}} phenomena_pairs)
