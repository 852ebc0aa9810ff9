"""Accounts (组织与人员): the organisation tree, people, their postings and what their roles permit.

Unit (单位) · person (人员) · posting (任职) · role (角色) · permission (权限).
"""
