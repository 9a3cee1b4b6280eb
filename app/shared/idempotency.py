"""Idempotency: a request that is sent again with the same key happens once and gets the first answer.

The key is stored with the caller, the operation and a hash of the input, in the same transaction as
the effect. While the first request still runs, MongoDB makes the second one wait for its outcome.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from app.shared.clock import Clock
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import MOMENT, OBJECT, STRING, document, nullable
from app.shared.mongodb.reading import Reading
from app.shared.sealing import sealed, unsealed

KEPT_FOR = timedelta(days=30)
MINIMUM_KEY_LENGTH = 8
MAXIMUM_KEY_LENGTH = 128
MINIMUM_KEY_LENGTH_FOR_SECRETS = 22  # 128 random bits, for what is told again is sealed with it
SECRETS_TOLD_AGAIN_FOR = timedelta(minutes=10)  # whoever lost the answer asks again within seconds

IDEMPOTENCY_KEYS = CollectionDefinition(
    "idempotency_keys",
    validator=document(
        _id=STRING,
        operation=STRING,
        input_hash=STRING,
        result=nullable(OBJECT),
        refusal=nullable(OBJECT),
        created_at=MOMENT,
    ),
    indexes=[IndexModel([("created_at", 1)], expireAfterSeconds=int(KEPT_FOR.total_seconds()))],
)


class IdempotencyKeyInvalid(Refusal):
    """The idempotency key is too short, too long or has unprintable characters."""

    code = "IDEMPOTENCY_KEY_INVALID"
    ja = "冪等キーは{minimum}〜{maximum}文字の印字可能なASCII文字で指定してください。"
    en = "Give an idempotency key of {minimum} to {maximum} printable ASCII characters."


class IdempotencyKeyReused(Refusal):
    """The same idempotency key came with another input."""

    code = "IDEMPOTENCY_KEY_REUSED"
    ja = "この冪等キーは別の内容のリクエストで使用済みです。新しいキーでお送りください。"
    en = "This idempotency key was used for a request with other content. Send this one with a new key."
    is_final = False


class SecretToldAlready(Refusal):
    """This was done, and its secret told, more than ten minutes ago: it is not told again."""

    code = "SECRET_TOLD_ALREADY"
    ja = "この操作は完了しており、秘密情報は再表示できません。必要であれば新しく発行してください。"
    en = "This was done already, and its secret is told no more. Make a new one if you need it."


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """What names a request once and for all, and its input, which a repetition must equal."""

    caller: str
    operation: str
    key: str
    input: Mapping[str, Any]

    def __post_init__(self) -> None:
        require_key(self.key)

    @classmethod
    def of(
        cls, caller: str, operation: str, key: str | None, content: Mapping[str, Any]
    ) -> "IdempotentRequest | None":
        """The request; None when no key was given, and nothing tells it from another one."""
        return None if key is None else cls(caller, operation, key, content)

    @property
    def id(self) -> str:
        return _hash([self.caller, self.operation, self.key])

    @property
    def input_hash(self) -> str:
        return _hash(dict(self.input))

    def require_same(self, input_hash: str) -> None:
        """Raises IdempotencyKeyReused unless this was its input, too."""
        if input_hash != self.input_hash:
            raise IdempotencyKeyReused(path=["input", "idempotencyKey"])


def require_key(key: str, minimum: int = MINIMUM_KEY_LENGTH) -> None:
    """Raises IdempotencyKeyInvalid."""
    if not (minimum <= len(key) <= MAXIMUM_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise IdempotencyKeyInvalid(
            path=["input", "idempotencyKey"], minimum=minimum, maximum=MAXIMUM_KEY_LENGTH
        )


async def _leave_nothing(session: Session, refusal: Refusal) -> None:
    """A refusal is told, and leaves nothing behind."""


class Idempotency:
    """Runs requests once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._keys = database.collection(IDEMPOTENCY_KEYS)
        self._clock = clock

    async def answer_to(self, request: IdempotentRequest, session: Session) -> Document | None:
        """The request's answer, if it has one. Raises IdempotencyKeyReused."""
        return _checked(request, await self._keys.find_one({"_id": request.id}, session=session))

    def reading_answer(self, request: IdempotentRequest) -> Reading[Document | None]:
        """The request's answer, if it has one; what it means raises IdempotencyKeyReused."""
        return Reading(
            IDEMPOTENCY_KEYS,
            [{"$match": {"_id": request.id}}],
            lambda found: _checked(request, found[0] if found else None),
        )

    async def remember(self, results: Sequence[tuple[IdempotentRequest, Document]], session: Session) -> None:
        """Keeps the results of several requests; where one has its answer already, all runs again."""
        new = [self._document(request, {"result": result, "refusal": None}) for request, result in results]
        await self._add(new, session)

    async def once(
        self,
        request: IdempotentRequest | None,
        work: Callable[[Session], Awaitable[Document]],
        store_refusal: Callable[[Session, Refusal], Awaitable[None]] = _leave_nothing,
    ) -> Document:
        """The result of the work, done now or the first time; raises its refusal, now or again.

        `work` runs in a transaction. When it refuses, all it wrote is undone, and `store_refusal` may
        write why, in a transaction of its own; a refusal that is not final is not kept as the answer.
        Without a request the work is done each time.
        """
        if request is None:
            return await self._database.transaction(work)

        async def act(session: Session) -> Document:
            # Looked up outside of the transaction, which begins as late as can be: adding the key decides.
            answer = await self.answer_to(request, session=None)
            if answer is None:
                answer = {"result": await work(session), "refusal": None}
                await self._add([self._document(request, answer)], session)
            return answer

        answer: Document | None
        try:
            answer = await self._database.transaction(act)
        except (Refusal, SeveralRefusals) as refusal:
            if isinstance(refusal, Refusal) and refusal.is_final:
                answer = await self.refuse(request, refusal, store_refusal)
            else:
                # What is in the way may be what the same request, sent twice at once, has done meanwhile.
                answer = await self._database.transaction(partial(self.answer_to, request))
            if answer is None:
                raise
        return result_of(answer)

    async def once_with_secret(
        self,
        request: IdempotentRequest | None,
        secret: str,
        work: Callable[[Session], Awaitable[Document]],
    ) -> tuple[Document, str]:
        """What `once` answers to a request that makes a secret, and the secret.

        Who asks again within ten minutes is told the same secret. It is kept sealed with the idempotency
        key, which our records do not have. Raises SecretToldAlready after that.
        """
        if request is None:
            return await self._database.transaction(work), secret
        require_key(request.key, MINIMUM_KEY_LENGTH_FOR_SECRETS)

        async def act(session: Session) -> Document:
            done = await work(session)
            return {"done": done, "sealed": sealed(secret, request.id, request.key, self._clock.now())}

        answer = await self.once(request, act)
        told = unsealed(answer["sealed"], request.id, request.key, self._clock.now(), SECRETS_TOLD_AGAIN_FOR)
        if told is None:
            raise SecretToldAlready
        return answer["done"], told

    def reading_answers(self, requests: Iterable[IdempotentRequest | None]) -> Reading[dict[str, Document]]:
        """The answers that these requests have already, for `each_once`."""
        return Reading(
            IDEMPOTENCY_KEYS,
            [{"$match": {"_id": {"$in": sorted(each.id for each in requests if each)}}}],
            lambda found: {each["_id"]: each for each in found},
        )

    async def each_once(
        self,
        asked: Sequence[tuple[IdempotentRequest | None, Callable[[], Document]]],
        first_answers: Mapping[str, Document],
        session: Session,
    ) -> list[Document | Refusal]:
        """What was decided about each of several requests, in one transaction: now, or the first time.

        A decision that refuses has changed nothing. One without a request is not remembered. Where one was
        answered since the first answers were read, the transaction runs again.
        """
        answers = dict(first_answers)
        new: list[Document] = []
        results: list[Document | Refusal] = []
        for request, decide in asked:
            answer = answers.get(request.id) if request else None
            if answer is None:
                answer, is_final = _decided(decide)
                if request is not None and is_final:
                    answer = self._document(request, answer)
                    answers[request.id] = answer
                    new.append(answer)
            elif request is not None and answer["input_hash"] != request.input_hash:
                answer = {"refusal": IdempotencyKeyReused(path=["input", "idempotencyKey"]).to_document()}
            refusal = answer["refusal"]
            results.append(Refusal.from_document(refusal) if refusal else answer["result"])
        if new:
            await self._add(new, session)
        return results

    async def refuse(
        self,
        request: IdempotentRequest,
        refusal: Refusal,
        store_refusal: Callable[[Session, Refusal], Awaitable[None]],
    ) -> Document:
        """The request's answer: this refusal from now on, if it has none yet."""

        async def act(session: Session) -> Document:
            answer = await self.answer_to(request, session)
            if answer is None:
                await store_refusal(session, refusal)
                answer = {"result": None, "refusal": refusal.to_document()}
                await self._add([self._document(request, answer)], session)
            return answer

        return await self._database.transaction(act)

    async def _add(self, answers: Sequence[Document], session: Session) -> None:
        try:
            await self._keys.insert_many(answers, session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    def _document(self, request: IdempotentRequest, answer: Document) -> Document:
        return {
            "_id": request.id,
            "operation": request.operation,
            "input_hash": request.input_hash,
            "created_at": self._clock.now(),
            **answer,
        }


def result_of(answer: Document) -> Document:
    """The result that was answered. Raises the refusal, if it was one."""
    if answer["refusal"] is not None:
        raise Refusal.from_document(answer["refusal"])
    result: Document = answer["result"]
    return result


def _checked(request: IdempotentRequest, answer: Document | None) -> Document | None:
    if answer is not None:
        request.require_same(answer["input_hash"])
    return answer


def _decided(decide: Callable[[], Document]) -> tuple[Document, bool]:
    """The answer, and whether it is final: one to keep."""
    try:
        return {"result": decide(), "refusal": None}, True
    except Refusal as refusal:
        return {"result": None, "refusal": refusal.to_document()}, refusal.is_final


def _hash(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
