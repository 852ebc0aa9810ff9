"""Parents, branches and groups of a whole registry, from names alone."""

from __future__ import annotations

import polars as pl

from wutong.engine import names


def with_kin(firms: pl.DataFrame) -> pl.DataFrame:
    """Add `is_branch, parent_no, group_no`; `firms` stands in the order of firm_no."""
    kin = names.kin(firms["name"], firms["name_key"], firms["registered_on"])
    says_branch = firms["firm_type"].str.contains("分公司|分支机构").fill_null(False)
    parent = pl.Series("parent_no", kin.parent, dtype=pl.Int32)
    return firms.with_columns(
        (pl.Series("is_branch", kin.is_branch) | says_branch).alias("is_branch"),
        parent.set(parent < 0, None),
        pl.Series("group_no", kin.root, dtype=pl.Int32),
    )
