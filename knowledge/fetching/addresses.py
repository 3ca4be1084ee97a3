"""Which IP addresses are public. What is not known to be public is not."""

from ipaddress import IPv4Network, IPv6Network, ip_address

# IPv6 hands out public addresses from this block alone (IANA, RFC 4291).
PUBLIC_V6 = IPv6Network("2000::/3")
CLOSED_V6 = [
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation
    )
]
# Beside what the standard library knows as private, reserved, loopback or link-local.
CLOSED_V4 = [
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]


def is_public(address: str) -> bool:
    """Whether this is an address of the public internet. Mapped and translated ones are not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if found.version == 4:
        return found.is_global and not any(found in block for block in CLOSED_V4)
    if getattr(found, "scope_id", None) or found not in PUBLIC_V6:
        return False  # ::1, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10, ff00::/8 …
    return found.is_global and not any(found in block for block in CLOSED_V6)
