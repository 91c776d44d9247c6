#!/usr/bin/env bash
# The model and the judges that ship, from the Yelp recipe to textdis/pretrained. Some three hours on two cores.
# Stopped at any point, the same command goes on. Data: see data_recipes/yelp.py.
set -euo pipefail
cd "$(dirname "$0")/.."
textdis=.venv/bin/textdis
runs=${1:-runs}
# glibc gives large tensors back to the system after every step otherwise, and takes them again
export MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=4000000000

$textdis train phrase-swap --recipe yelp --output "$runs/phrase-swap"
# real sentences from their phrase swaps; then the same, with sources of no word at all, which teach the prior
pairs=(--recipe yelp --pairs "$runs/phrase-swap/model")
$textdis train transfer "${pairs[@]}" --output "$runs/pairs-warm" --steps 15000 --warmup 15000 --lr 0.0015
mkdir -p "$runs/pairs-prior"
[ -e "$runs/pairs-prior/pairs.jsonl" ] || cp "$runs/pairs-warm/pairs.jsonl" "$runs/pairs-prior/"
$textdis train transfer "${pairs[@]}" --output "$runs/pairs-prior" --init "$runs/pairs-warm/model" --prior 0.5 \
  --steps 3000 --warmup 3000 --lr 0.0005
# then what readers wrote, and which of the rewritings it offered them they found right
feedback=(--recipe yelp --pairs "$runs/phrase-swap/model" --edited 2)
written=(data_recipes/yelp_written.jsonl.gz data_recipes/review_pairs.jsonl.gz)
$textdis train feedback "${feedback[@]}" --output "$runs/written" --init "$runs/pairs-prior/model" --steps 1600 \
  --groups 2 --said 128 --lr 0.001 --weights rank 0.3 say 1.0 --verdicts data_recipes/yelp_verdicts.jsonl.gz "${written[@]}"
$textdis train feedback "${feedback[@]}" --output "$runs/feedback" --init "$runs/written/last" --steps 240 \
  --groups 14 --said 48 --lr 0.0005 --back 0 --prior 0 --least 2 --neutral 0.65 --validations 4 \
  --verdicts data_recipes/yelp_verdicts_2.jsonl.gz "${written[@]}"
.venv/bin/python scripts/ship.py --model "$runs/feedback/model" --name yelp-sentiment

$textdis train judges --recipe yelp --output "$runs/judges"
.venv/bin/python scripts/ship.py --model "$runs/judges" --name yelp-judges
