"""The contract: batches, models, players, turns. Everything else stands on these four files."""
