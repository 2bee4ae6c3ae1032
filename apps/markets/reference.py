"""Facts of each market: currency, CLDR locale, IANA zone, consumer price display, return window.

Return windows: the EU, EEA and UK right of withdrawal is 14 days (Directive 2011/83/EU, art. 9; UK
Consumer Contracts Regulations 2013); elsewhere the portal's own default stands until a merchant or
the dated rule book says otherwise.
"""

from __future__ import annotations

from typing import TypedDict


class MarketFacts(TypedDict):
    """One row of the table."""

    code: str
    currency: str
    locale: str
    time_zone: str
    is_price_with_tax: bool
    return_window_days: int


_TABLE = """
US USD en_US America/New_York 0 30
GB GBP en_GB Europe/London 1 14
DE EUR de_DE Europe/Berlin 1 14
FR EUR fr_FR Europe/Paris 1 14
ES EUR es_ES Europe/Madrid 1 14
IT EUR it_IT Europe/Rome 1 14
NL EUR nl_NL Europe/Amsterdam 1 14
BE EUR nl_BE Europe/Brussels 1 14
AT EUR de_AT Europe/Vienna 1 14
IE EUR en_IE Europe/Dublin 1 14
PT EUR pt_PT Europe/Lisbon 1 14
FI EUR fi_FI Europe/Helsinki 1 14
GR EUR el_GR Europe/Athens 1 14
CY EUR el_CY Asia/Nicosia 1 14
EE EUR et_EE Europe/Tallinn 1 14
LV EUR lv_LV Europe/Riga 1 14
LT EUR lt_LT Europe/Vilnius 1 14
LU EUR fr_LU Europe/Luxembourg 1 14
MT EUR en_MT Europe/Malta 1 14
SK EUR sk_SK Europe/Bratislava 1 14
SI EUR sl_SI Europe/Ljubljana 1 14
HR EUR hr_HR Europe/Zagreb 1 14
BG EUR bg_BG Europe/Sofia 1 14
CZ CZK cs_CZ Europe/Prague 1 14
DK DKK da_DK Europe/Copenhagen 1 14
HU HUF hu_HU Europe/Budapest 1 14
PL PLN pl_PL Europe/Warsaw 1 14
RO RON ro_RO Europe/Bucharest 1 14
SE SEK sv_SE Europe/Stockholm 1 14
NO NOK nb_NO Europe/Oslo 1 14
CH CHF de_CH Europe/Zurich 1 14
IS ISK is_IS Atlantic/Reykjavik 1 14
AU AUD en_AU Australia/Sydney 1 30
NZ NZD en_NZ Pacific/Auckland 1 30
CA CAD en_CA America/Toronto 0 30
JP JPY ja_JP Asia/Tokyo 1 8
SG SGD en_SG Asia/Singapore 1 14
MY MYR ms_MY Asia/Kuala_Lumpur 1 15
TH THB th_TH Asia/Bangkok 1 15
VN VND vi_VN Asia/Ho_Chi_Minh 1 15
PH PHP fil_PH Asia/Manila 1 15
ID IDR id_ID Asia/Jakarta 1 15
MX MXN es_MX America/Mexico_City 1 30
BR BRL pt_BR America/Sao_Paulo 1 7
CL CLP es_CL America/Santiago 1 10
SA SAR ar_SA Asia/Riyadh 1 15
AE AED ar_AE Asia/Dubai 1 15
TR TRY tr_TR Europe/Istanbul 1 14
IL ILS he_IL Asia/Jerusalem 1 14
BH BHD ar_BH Asia/Bahrain 1 15
JE GBP en_GB Europe/Jersey 1 14
"""


def _facts(line: str) -> MarketFacts:
    code, currency, locale, zone, with_tax, days = line.split()
    return MarketFacts(
        code=code,
        currency=currency,
        locale=locale,
        time_zone=zone,
        is_price_with_tax=with_tax == "1",
        return_window_days=int(days),
    )


MARKETS = [_facts(line) for line in _TABLE.strip().splitlines()]
