#!/usr/bin/env bash
# The model and the judges that ship, from the Yelp recipe to textdis/pretrained. Some ten hours on one core.
# Stopped at any point, the same command goes on. Data: see data_recipes/yelp.py.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-runs}
scripts/train_recipe.sh yelp "$runs"
.venv/bin/python scripts/ship.py --model "$runs/reranker-5/model" --name yelp-sentiment

.venv/bin/textdis train judges --recipe yelp --output "$runs/judges"
.venv/bin/python scripts/ship.py --model "$runs/judges" --name yelp-judges
