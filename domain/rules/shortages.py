"""What the shelf does not have: another product instead, less of it, or a pack without its code."""

from domain.orders import OrderLine
from domain.picks import Pick
from domain.policy import Waiver
from domain.products import CodePolicy, Product
from domain.quantity import Quantity, shown
from domain.rules.answers import Obstacle
from domain.rules.book import obstacle
from domain.rules.case import Terms
from domain.rules.families.orders import shut
from domain.rules.ids import Rule


def may_substitute(line: OrderLine, by: Product, terms: Terms) -> list[Obstacle]:
    """Another product for a line (药品管理法 §58: never one that stands for nothing in the chain's list)."""
    if terms.insured:
        return [obstacle(Rule.SUBSTITUTE_INSURED, (line.line_id,))]
    if not terms.policy.substitution:
        return [obstacle(Rule.SUBSTITUTE_POLICY, (line.line_id,))]
    product = terms.product(line)
    if product is None or by.sku not in product.substitutes:
        return [obstacle(Rule.SUBSTITUTE_NOT_LISTED, (line.line_id,), other=by.name, name=line.name)]
    return []


def may_report_short(pick: Pick, line: OrderLine, missing: Quantity) -> list[Obstacle]:
    """Packs that lie on the line are not missing: what is too many is undone first."""
    at_most = pick.missing(line)
    if 0 < missing <= at_most:
        return []
    return [obstacle(Rule.SHORT_COUNT, (line.line_id,), count=shown(at_most))]


def may_waive(pick: Pick, line: OrderLine, reason: Waiver, terms: Terms, *, photo: bool) -> list[Obstacle]:
    """One pack without a readable code. EXEMPT is only for products that have none; it wants no photo."""
    product = terms.product(line)
    exempt = product is not None and product.policy is CodePolicy.NONE
    found = [*shut(terms)]
    if reason not in terms.policy.waivers or (reason is Waiver.EXEMPT) is not exempt:
        found.append(obstacle(Rule.NOT_WAIVED, (line.line_id,), name=line.name))
    if terms.insured and not exempt:
        found.append(obstacle(Rule.WAIVER_INSURED, (line.line_id,)))
    if terms.policy.waiver_photo and not exempt and not photo:
        found.append(obstacle(Rule.PHOTO_WANTED, (line.line_id,)))
    if pick.missing(line) <= 0:
        found.append(obstacle(Rule.ENOUGH, (line.line_id,), name=line.name))
    return found
