"""Pure decisions about a batch of products: which rows go in, and which are refused with what reason."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from app.catalog.category_tree import CategoryTree
from app.catalog.errors import CategoryNotFound, JanTaken, RowRepeated, SkuTaken
from app.catalog.model import Category, CategoryRow, DescribedProduct, ProductRow, RowOutcome
from app.catalog.rules import checked_category, checked_product
from app.shared.errors import Refusal, SeveralRefusals

NumberedProduct = tuple[int, DescribedProduct]  # a product with its row in the batch


def without_repetitions(
    products: Sequence[DescribedProduct],
) -> tuple[list[NumberedProduct], dict[int, ProductRow]]:
    """The rows to go on with, and the refusals of those whose code an earlier row has."""
    first_row: dict[str, int] = {}
    refused: dict[int, ProductRow] = {}
    for number, product in enumerate(products):
        first = first_row.setdefault(product.id, number)
        if first != number:
            refusal = RowRepeated(path=[*_path(number), "code"], first_row=first)
            refused[number] = ProductRow(RowOutcome.REFUSED, refusals=(refusal,))
    return [each for each in enumerate(products) if each[0] not in refused], refused


def product_rows(
    wanted: Sequence[NumberedProduct], kept: Iterable[DescribedProduct], tree: CategoryTree, now: datetime
) -> dict[int, ProductRow]:
    """What becomes of each row. `kept` are the products there are already, with those that share a SKU.

    A SKU stays with its product: to move it, drop it from the one first and send the other after that.
    """
    batch = _ProductBatch(kept, tree, now)
    return {number: batch.row(_path(number), product) for number, product in wanted}


def _path(number: int) -> list[str]:
    return ["input", "products", str(number)]


class _ProductBatch:
    """Decides row after row, each in the light of those before it."""

    def __init__(self, kept: Iterable[DescribedProduct], tree: CategoryTree, now: datetime) -> None:
        self._kept = {product.id: product for product in kept}
        self._tree = tree
        self._now = now
        self._owner_of_sku = {sku.id: each.id for each in self._kept.values() for sku in each.skus}
        self._owner_of_jan = {sku.jan: each.id for each in self._kept.values() for sku in each.skus}

    def row(self, path: list[str], wanted: DescribedProduct) -> ProductRow:
        try:
            product = checked_product(wanted, path)
        except SeveralRefusals as error:
            return ProductRow(RowOutcome.REFUSED, refusals=error.refusals)
        refusals = tuple(self._refusals(product, path))
        if refusals:
            return ProductRow(RowOutcome.REFUSED, refusals=refusals)
        self._claim(product)
        return self._outcome(product)

    def _outcome(self, product: DescribedProduct) -> ProductRow:
        kept = self._kept.get(product.id)
        if kept == product:
            return ProductRow(RowOutcome.UNCHANGED, kept)
        created_at = kept.created_at if kept else self._now
        outcome = RowOutcome.UPDATED if kept else RowOutcome.CREATED
        return ProductRow(outcome, replace(product, created_at=created_at))

    def _refusals(self, product: DescribedProduct, path: list[str]) -> Iterable[Refusal]:
        if self._tree.get(product.category_id) is None:
            yield CategoryNotFound(path=[*path, "categoryCode"])
        sku_ids, jans = set[str](), set[str]()
        for place, sku in enumerate(product.skus):
            sku_path = [*path, "skus", str(place)]
            sku_owner = self._owner_of_sku.get(sku.id, product.id)
            jan_owner = self._owner_of_jan.get(sku.jan, product.id)
            if sku_owner != product.id or sku.id in sku_ids:
                yield SkuTaken(path=[*sku_path, "code"], product_code=sku_owner)
            if jan_owner != product.id or sku.jan in jans:
                yield JanTaken(path=[*sku_path, "jan"], product_code=jan_owner)
            sku_ids.add(sku.id)
            jans.add(sku.jan)

    def _claim(self, product: DescribedProduct) -> None:
        for sku in product.skus:
            self._owner_of_sku[sku.id] = product.id
            self._owner_of_jan[sku.jan] = product.id


def category_rows(wanted: Sequence[Category], tree: CategoryTree) -> tuple[list[CategoryRow], CategoryTree]:
    """What becomes of each row, and the tree with those that go in. A parent may come after its children."""
    rows: dict[int, CategoryRow] = {}
    first_row: dict[str, int] = {}
    waiting: list[tuple[int, Category]] = []
    for number, category in enumerate(wanted):
        try:
            waiting.append((number, _checked(category, number, first_row)))
        except (Refusal, SeveralRefusals) as error:
            rows[number] = _refused(error)
    while waiting:
        ready = [each for each in waiting if _parent_is_there(each[1], tree)] or waiting
        for number, category in ready:
            rows[number], tree = _placed(number, category, tree)
        waiting = [each for each in waiting if each not in ready]
    return [rows[number] for number in sorted(rows)], tree


def _checked(category: Category, number: int, first_row: dict[str, int]) -> Category:
    path = ["input", "categories", str(number)]
    found = checked_category(category, path)
    if first_row.setdefault(found.id, number) != number:
        raise RowRepeated(path=[*path, "code"], first_row=first_row[found.id])
    return found


def _parent_is_there(category: Category, tree: CategoryTree) -> bool:
    return category.parent_id is None or tree.get(category.parent_id) is not None


def _placed(number: int, category: Category, tree: CategoryTree) -> tuple[CategoryRow, CategoryTree]:
    kept = tree.get(category.id)
    if kept == category:
        return CategoryRow(RowOutcome.UNCHANGED, kept), tree
    try:
        tree = tree.with_category(category, ["input", "categories", str(number)])
    except Refusal as refusal:
        return _refused(refusal), tree
    return CategoryRow(RowOutcome.UPDATED if kept else RowOutcome.CREATED, category), tree


def _refused(error: Refusal | SeveralRefusals) -> CategoryRow:
    refusals = error.refusals if isinstance(error, SeveralRefusals) else (error,)
    return CategoryRow(RowOutcome.REFUSED, refusals=refusals)
