"""Outreach (外出招商): trips of people away to firms and places, their days away by the working calendar."""
