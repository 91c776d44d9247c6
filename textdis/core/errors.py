"""The one family of errors a user causes and a user can mend."""


class UserError(Exception):
    """Bad input: the message says what, where, and what to do. Front doors print it in one line."""
