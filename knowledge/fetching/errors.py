"""FetchError      the page could not be had; the message is one line for whoever set the source up
└── Refused     it may not be had: the address is not public, or is no address of a page
"""


class FetchError(Exception):
    """The page could not be had."""


class Refused(FetchError):
    """The page may not be asked for. Trying again is of no use."""
