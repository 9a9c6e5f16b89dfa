"""The control connection: what other sessions run, ended or found lost."""
