"""Suites on histories, marts and answers: keys, spans, ranges, tie-outs, drift."""
