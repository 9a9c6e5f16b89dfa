"""The control connection: end what other sessions run, and find answers that are lost."""
