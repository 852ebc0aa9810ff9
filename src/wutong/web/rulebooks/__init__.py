"""Rule documents (规则文件) that a bureau writes itself, and the approval of any text that two people must read.

Dated, sourced leaves laid over the rulebook shipped, in versions (版本) that are drafted (草稿), tried (试算), approved by a second
person (审定) and kept for ever.
"""
