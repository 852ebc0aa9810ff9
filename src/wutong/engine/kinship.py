"""Parents, branches and groups of a whole registry, from names alone."""

from __future__ import annotations

import polars as pl

from wutong.engine import names

_BRANCH_TYPES = "分公司|分支机构|分支|办事处|代表机构"
_OWN_TYPES = "^(?:个人独资企业|个体工商户|个体户|合伙企业|普通合伙企业|有限合伙企业)(?:[(（].*[)）])?$"
_NOT_LEGAL = f"非法人|经营单位|营业|{_BRANCH_TYPES}"
_PART_END = r"(?:部|处|站|点|室|队|库|车间|[^究]所)(?:\(.{0,12}\))?$"
"""What a name ends with that calls itself a part of a firm, whatever capital is given for it."""


def with_kin(firms: pl.DataFrame) -> pl.DataFrame:
    """Add `is_branch, parent_no, group_no`; `firms` stands in the order of firm_no.

    Why the type of firm has a say: 经营部 and 服务部 end the names of branches and of one-man firms alike; where the registry calls a firm
    an owner's own and no parent's name stands in its name, it is none. 某某集团公司某某机械厂 begins with a parent's name and may yet be a
    legal person: where its type says 法人, or it has capital and calls itself no part, it has a parent and is no branch.
    """
    kin = names.kin(firms["name"], firms["name_key"], firms["registered_on"])
    says_branch = firms["firm_type"].str.contains(_BRANCH_TYPES).fill_null(False)
    says_own = firms["firm_type"].str.contains(_OWN_TYPES).fill_null(False)
    parent = pl.Series("parent_no", kin.parent, dtype=pl.Int32)
    doubtful = pl.Series(kin.is_branch) & says_own & (parent < 0)
    names_parent = [names.branch_of(name) is not None for name in firms["name"].filter(doubtful)]
    is_branch = pl.Series("is_branch", kin.is_branch).scatter(doubtful.arg_true(), names_parent)
    by_parent_alone = is_branch & ~names.is_branch_column(firms["name"])
    return firms.with_columns(
        ((is_branch & ~(by_parent_alone & _is_own_person(firms))) | says_branch).alias("is_branch"),
        parent.set(parent < 0, None),
        pl.Series("group_no", kin.root, dtype=pl.Int32),
    )


def _is_own_person(firms: pl.DataFrame) -> pl.Series:
    """Whether type or capital say that a firm is a legal person (法人) of its own."""
    is_no_person = firms["firm_type"].str.contains(_NOT_LEGAL).fill_null(False)
    says_person = firms["firm_type"].str.contains("法人").fill_null(False)
    has_capital = (firms["capital_yuan"] > 0).fill_null(False) & ~firms["name"].str.contains(_PART_END)
    return (says_person | has_capital) & ~is_no_person
