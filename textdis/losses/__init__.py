"""Pure functions to a scalar, in nats: summed over one example's units, averaged over the batch."""
