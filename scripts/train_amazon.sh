#!/usr/bin/env bash
# A transfer model of Amazon's sentences from the one of Yelp's that ships: it knows English already.
#     scripts/train_amazon.sh FOLDER [RANDOM_SEED]
# Forty minutes of one core with AVX-512; the model goes to FOLDER/reranker/model. From nothing, and by the recipe of
# yelp-sentiment unchanged, goes `train_recipe.sh amazon`. Stopped at any point, the same command goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=$1 seed=${2:-0} textdis=.venv/bin/textdis
# glibc gives large tensors back to the system after every step otherwise, and takes them again
export MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=4000000000

paths() { for name in "$@"; do echo "data_recipes/$name.jsonl.gz"; done; }

own=(--recipe amazon --pairs yelp-sentiment --limit 4000 --seed "$seed" --edited 2 --grow 2 --least 2 --back 0 --prior 0)
own+=(--no-reader --neutral 0.65 --batch-size 8 --said 96 --clear 0.9 --validations 2)
told=(amazon_verdicts amazon_written amazon_written_2 review_pairs_{2..6} phenomena_pairs)
# what readers wrote, and which candidates of such a writer they found right; what counts twice is named twice
# shellcheck disable=SC2046
$textdis train feedback "${own[@]}" --init yelp-sentiment --output "$runs/taught" --steps 800 --groups 12 --lr 0.0008 \
  --verdicts $(paths amazon_verdicts_3 amazon_verdicts_3 "${told[@]}")
# which of what this one offered; a reader of such marks chooses no better, and is left out
# shellcheck disable=SC2046
$textdis train feedback "${own[@]}" --init "$runs/taught/last" --output "$runs/marked" --steps 700 --groups 14 \
  --lr 0.0007 --verdicts $(paths amazon_verdicts_4 amazon_verdicts_4 amazon_verdicts_3 amazon_verdicts_3 "${told[@]}")
# what is neutral, of all marks
# shellcheck disable=SC2046
$textdis train reranker --recipe amazon --seed "$seed" --init "$runs/marked/last" --output "$runs/reranker" --no-reads \
  --neutral 0.26 --verdicts $(paths amazon_verdicts_5 amazon_verdicts_2) \
  --neutrals $(paths amazon_verdicts amazon_verdicts_3 amazon_verdicts_4 amazon_written amazon_written_2)
