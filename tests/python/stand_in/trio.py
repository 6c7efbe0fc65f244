"""What generated modules use of trio."""


class Cancelled(BaseException):
    """The end by request."""
