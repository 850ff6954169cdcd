"""The calendar and the physics that turn one unit into another."""

HOURS_PER_DAY = 24
DAYS_PER_WEEK = 7
HOURS_PER_WEEK = 168
HOURS_PER_YEAR = 8760  # a year of 365 days, as the power industry counts it
WEEKS_PER_YEAR = 52  # weekly steps that make one year of the model
MONTHS_PER_YEAR = 12
QUARTERS_PER_YEAR = 4
DEGREES_PER_HOUR = 15.0  # of longitude, by which the sun is later
SECONDS_PER_HOUR = 3600
SECONDS_PER_WEEK = SECONDS_PER_HOUR * HOURS_PER_WEEK
SECONDS_PER_YEAR = SECONDS_PER_HOUR * HOURS_PER_YEAR
KW_PER_MW = 1e3
KWH_PER_MWH = 1e3
KW_PER_GW = 1e6
MW_PER_GW = 1e3
W_PER_MW = 1e6
J_PER_KWH = 3.6e6
J_PER_MWH = 3.6e9
TOKENS_PER_MTOK = 1e6
TOKENS_PER_GTOK = 1e9
BYTES_PER_GB = 1e9
