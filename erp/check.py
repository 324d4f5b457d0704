"""Whether mapping, folder and database of the ERP are right, in plain words, with the first rows tried dry: nothing is
taken, moved or written down."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from domain.erp import ErpCount, skus_of
from erp import mapping as mappings
from erp import spoken
from erp.errors import BadMapping, ErpError
from erp.feeds import check_marks
from erp.folder.disk import Disk
from erp.folder.layout import Layout
from erp.folder.looking import Complete, read_now
from erp.folder.taking import read_file
from erp.mapping import Mapping
from erp.rows import Flaw, Piece
from erp.settings import ErpSettings
from erp.terms import BadValue

FIRST = 3
MOST_FLAWS = 10
Known = Callable[[Iterable[str]], set[str]]
"""Of these products, those that the catalogue has; all of them where there is no catalogue to ask."""


class Said(msgspec.Struct, frozen=True):
    """`good` False: something to mend."""

    good: bool
    words: str


def check(
    settings: ErpSettings, password: Callable[[], str | None], known: Known, disk: Disk, *, of_chain: bool = False
) -> Iterator[Said]:
    program = "hub" if of_chain else "agent"
    if not settings.any:
        yield Said(False, f"{program}.toml 没有启用 ERP 对接：[erp] 里没有 api、folder 或 sql")
        return
    if settings.api:
        yield Said(True, f"接口已启用（令牌用 yaolink-{program} erp token 生成）")
    if not (settings.folder or settings.sql):
        return
    try:
        named = mappings.load(Path(settings.mapping), of_chain=of_chain)
    except BadMapping as error:
        yield Said(False, f"映射文件有误：{error}" + (f"（{error.hint}）" if error.hint else ""))
        return
    yield Said(
        True, f"映射文件 {settings.mapping}：{len(named.files)} 种文件，{len(named.views)} 个视图"
        f"{'，有交接表' if named.hand_over else ''}{'，单据写入文件夹' if named.documents else ''}"
    )  # fmt: skip
    if settings.folder:
        yield from _folder(Path(settings.folder), named, known, disk)
    if settings.sql:
        yield from _database(settings, named, password, known)


def _folder(root: Path, named: Mapping, known: Known, disk: Disk) -> Iterator[Said]:
    layout = Layout(root)
    try:
        if layout.out_is_there:  # else it may be the mount point of a share, in which nothing is to be made
            layout.prepare(disk)
        probe = root / ".try"
        probe.unlink(missing_ok=True)
        with probe.open("xb") as trial:  # never over what a link points to
            trial.write(b"yaolink")
        probe.unlink()
    except (ErpError, OSError) as error:
        yield Said(False, f"文件夹不能用：{error}")
        return
    yield Said(
        True, f"文件夹 {root} 可读写" + ("" if layout.out_is_there else "，还没有用过（若用过，是共享没有挂载）")
    )
    if not named.files:
        yield Said(False, "映射文件里没有 [[files]]，放进来的文件都会被拒收")
    for path in sorted(layout.came.iterdir() if layout.came.is_dir() else ())[:20]:
        if path.is_file() and (file := read_now(path)) is not None:
            yield from _file(file, named, known)


def _file(file: Complete, named: Mapping, known: Known) -> Iterator[Said]:
    chosen = named.file(file.name)
    pieces, flaws, count = read_file(file, chosen)
    what = "没有对应的 [[files]]" if chosen is None else f"{chosen.feed}，{count} 行，{len(pieces)} 张单据"
    yield Said(not flaws, f"in/{file.path.name}：{what}，{len(flaws)} 处有误（试读，未入账）")
    yield from _tried(pieces, flaws, known)


def _database(
    settings: ErpSettings, named: Mapping, password: Callable[[], str | None], known: Known
) -> Iterator[Said]:
    from erp.sql.database import Database  # SQLAlchemy is slow to import
    from erp.sql.trying import try_hand_over, try_view

    database = Database(settings.sql, password, settings.drivers)
    try:
        for view in named.views:
            try:
                pieces, flaws, count = try_view(view, database)
            except ErpError as error:
                yield Said(False, f"视图 {view.view}：{error}")
                continue
            yield Said(not flaws, f"视图 {view.view}（{view.feed}）：试读 {count} 行，{len(flaws)} 处有误（未入账）")
            yield from _tried(pieces, flaws, known)
        if named.hand_over is not None:
            try:
                yield Said(True, f"交接表 {named.hand_over.table}：{try_hand_over(named.hand_over, database)} 行")
            except ErpError as error:
                yield Said(False, f"交接表 {named.hand_over.table}：{error}")
    finally:
        database.close()


def _tried(pieces: Sequence[Piece], flaws: Sequence[Flaw], known: Known) -> Iterator[Said]:
    for piece in pieces[:FIRST]:
        yield Said(True, f"    {_shown(piece)}")
    for why in sorted({why for piece in pieces if (why := _mark_flaw(piece))}):
        yield Said(False, f"    {why}")
    skus = {sku for piece in pieces for sku in skus_of(piece.feed)}
    if unknown := sorted(skus - known(skus)):
        some = "、".join(unknown[:5])
        yield Said(False, f"    {len(unknown)} 个商品编码不在商品目录里，如 {some}")
    for flaw in flaws[:MOST_FLAWS]:
        where = f"第 {flaw.row} 行：" if flaw.row else ""
        yield Said(False, f"    {where}{flaw.why}" + (f"　{flaw.text}" if flaw.text else ""))


def _mark_flaw(piece: Piece) -> str:
    """As far as it can be seen without the books."""
    try:
        check_marks(piece.feed, now=time.time_ns() // 1_000_000, last_number=0, last_sale=None)
    except BadValue as error:
        return str(error)
    return ""


def _shown(piece: Piece) -> str:
    feed = piece.feed
    if isinstance(feed, ErpCount):
        first = "；".join(f"{each.sku} {spoken.units(each.on_hand)}" for each in feed.levels[:FIRST])
        contains = "未说明含哪些单据，只会调低库存" if feed.contains is None else f"含本店单据到 {feed.contains}"
        return f"库存，时点 {feed.as_of}，{contains}：{first}"
    lines = "；".join(f"{each.sku} {spoken.units(each.quantity)}" for each in feed.lines[:FIRST])
    return f"单据 {feed.document_id}，序号 {feed.sequence}：{lines}"
