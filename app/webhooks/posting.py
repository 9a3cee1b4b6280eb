"""Posts to addresses that strangers chose: nobody reaches our own network, or keeps us, by way of it."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

from app.webhooks.model import WebhookAnswer, WebhookFailure
from app.webhooks.rules import answer_of, is_public

POST_SECONDS = 15.0  # from looking up the name to the answer's status
TEXT_SECONDS = 1.0  # for what follows the status, which changes nothing any more
TEXT_BYTES = 2048
TEXT_CHARACTERS = 500
ADDRESSES_TRIED = 4
LOOK_UPS_AT_ONCE = 32

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Awaitable[Sequence[Address]]]


class _AddressForbidden(Exception):
    """The name stands for an address that webhooks may not go to."""


class WebhookPoster:
    """Posts once, and tells what came of it.

    A name is looked up here, all of its addresses are checked, and the connection goes to one that was
    checked: asked a second time, a name might stand for another address. Redirects are not followed, proxies
    not asked.
    """

    def __init__(
        self,
        allows_private: bool,
        seconds: float = POST_SECONDS,
        resolve: Resolve | None = None,
        make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._allows_private = allows_private
        self._seconds = seconds
        self._resolve = resolve or _Resolver().resolve
        self._make_tls = make_tls

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made when it is first wanted: reading the authorities takes a while."""
        return self._make_tls()

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> WebhookAnswer:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(httpx.URL(url), headers, body)
        except (TimeoutError, httpx.TimeoutException):
            failure = WebhookFailure.TIMED_OUT
        except _AddressForbidden:
            failure = WebhookFailure.ADDRESS_FORBIDDEN
        except (socket.gaierror, UnicodeError):  # a label of a name may be too long to be asked for
            failure = WebhookFailure.NAME_UNKNOWN
        except httpx.RemoteProtocolError:
            failure = WebhookFailure.ANSWER_INVALID
        except (httpx.HTTPError, OSError) as error:
            failure = WebhookFailure.TLS_FAILED if _is_about_tls(error) else WebhookFailure.CONNECTION_FAILED
        return WebhookAnswer(None, failure)

    async def _post(self, url: httpx.URL, headers: dict[str, str], body: bytes) -> WebhookAnswer:
        addresses = await self._addresses(url)
        for address in addresses[:-1]:
            try:
                return await self._post_to(address, url, headers, body)
            except httpx.ConnectError:
                continue
        return await self._post_to(addresses[-1], url, headers, body)

    async def _addresses(self, url: httpx.URL) -> Sequence[Address]:
        """What the host's name stands for. One forbidden address among them spoils all."""
        if url.scheme != "https" and not self._allows_private:
            raise _AddressForbidden
        found = await self._resolve(url.raw_host.decode())
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        if not self._allows_private and not all(map(is_public, found)):
            raise _AddressForbidden
        return found[:ADDRESSES_TRIED]

    async def _post_to(
        self, address: Address, url: httpx.URL, headers: dict[str, str], body: bytes
    ) -> WebhookAnswer:
        request = httpx.Request(
            "POST",
            url.copy_with(host=str(address)),
            headers={**headers, "Host": url.netloc.decode(), "Accept-Encoding": "identity"},
            content=body,
            extensions={"sni_hostname": url.raw_host.decode(), "timeout": _no_single_timeouts()},
        )
        async with httpx.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False) as client:
            answer = await client.send(request, stream=True)
            try:
                return answer_of(answer.status_code, await _beginning_of(answer))
            finally:
                await answer.aclose()


class _Resolver:
    """Looks names up in threads of its own, where one that hangs holds up nothing else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOK_UPS_AT_ONCE, thread_name_prefix="names")

    async def resolve(self, host: str) -> Sequence[Address]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(ip_address(each[4][0]) for each in found))


def _no_single_timeouts() -> dict[str, float | None]:
    """One timeout is set for all of it together."""
    return httpx.Timeout(None).as_dict()


async def _beginning_of(answer: httpx.Response) -> str:
    """The first 500 characters of the answer, or what there is of them by then, as they came."""
    read = bytearray()
    try:
        async with asyncio.timeout(TEXT_SECONDS):
            async for part in answer.aiter_raw():
                read += part
                if len(read) >= TEXT_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass  # the status was said already
    return bytes(read[:TEXT_BYTES]).decode(errors="replace")[:TEXT_CHARACTERS]


def _is_about_tls(error: BaseException | None) -> bool:
    """Whether this error, or one that it came from, is of TLS."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
