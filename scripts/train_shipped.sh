#!/usr/bin/env bash
# The model and the judges that ship, from the Yelp recipe to textdis/pretrained. Some two hours on two cores.
# Stopped at any point, the same command goes on. Data: see data_recipes/yelp.py.
set -euo pipefail
cd "$(dirname "$0")/.."
textdis=.venv/bin/textdis
runs=${1:-runs}
# glibc gives large tensors back to the system after every step otherwise, and takes them again
export MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=4000000000

$textdis train transfer --recipe yelp --output "$runs/warm" --steps 15000 --warmup 15000 --lr 0.0015
$textdis train transfer --recipe yelp --output "$runs/yelp-sentiment" --init "$runs/warm/model" \
  --steps 1600 --warmup 0 --lr 0.0002
.venv/bin/python scripts/ship.py --model "$runs/yelp-sentiment/model" --name yelp-sentiment

$textdis train judges --recipe yelp --output "$runs/judges"
.venv/bin/python scripts/ship.py --model "$runs/judges" --name yelp-judges
