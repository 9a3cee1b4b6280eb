"""Networks that callers come from."""

from ipaddress import IPv6Address, IPv6Network, ip_address

IPV6_SITE_BITS = 64  # whoever has one IPv6 address has the whole /64 (RFC 6177)


def network_of(client_address: str) -> str:
    """What stands for all addresses that one caller can choose from: an IPv4 address, or an IPv6 /64."""
    try:
        address = ip_address(client_address)
    except ValueError:
        return client_address
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, IPV6_SITE_BITS), strict=False))
