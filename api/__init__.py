"""The ways in: the `fengqiao` command and the HTTP application. Decides nothing."""
