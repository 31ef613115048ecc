"""A mail address as it is compared and remembered when it may no longer be kept. Pure."""

import hashlib


def address_hash(address: str) -> str:
    """SHA-256, in hex, of the address in lower case: says whether two are the same, and nothing else to whom has none.

    Not keyed with the installation's secret: a suppressed address must stay suppressed when the secret is changed.
    """
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()
