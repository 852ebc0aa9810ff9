"""Audit (审计): who did what to what, when, from where, with old and new values, in a chain of hashes that shows tampering.

Entry (记录) · chain (链) · verify (核验). Knows people by AUTH_USER_MODEL only.
"""
