"""The loop: it takes the turns of any objective and knows no paper."""
