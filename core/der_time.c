/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "der.h"

/* Days from 1970-01-01 to a day of the Gregorian calendar; the year begins with March, so that a leap day ends it. */
static int64_t days_since_1970(int64_t year, unsigned month, unsigned day) {
  if (month <= 2) year--;
  int64_t era = year / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + (int64_t)day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static bool is_leap(unsigned year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in(unsigned month, unsigned year) {
  static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool two_digits(wasi_tls_bytes *from, unsigned *value) {
  uint8_t tens;
  uint8_t ones;
  if (!wtls_read_u8(from, &tens) || !wtls_read_u8(from, &ones)) return false;
  if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return false;
  *value = (tens - (unsigned)'0') * 10 + (ones - (unsigned)'0');
  return true;
}

/* Seconds are there and the zone is Z, in both kinds. A UTCTime is one of the years from 1950 to 2049. */
bool wtls_der_take_time(wasi_tls_bytes *from, int64_t *seconds) {
  enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };
  unsigned part[PARTS];
  unsigned century = 20;
  uint8_t tag;
  uint8_t zone;
  wasi_tls_bytes rest = *from;
  wasi_tls_bytes text;
  if (!wtls_der_next(&rest, &tag, &text) || (tag != WTLS_DER_UTC_TIME && tag != WTLS_DER_GENERALIZED_TIME))
    return false;
  if (tag == WTLS_DER_GENERALIZED_TIME && !two_digits(&text, &century)) return false;
  for (size_t i = 0; i < PARTS; i++)
    if (!two_digits(&text, &part[i])) return false;
  if (!wtls_read_u8(&text, &zone) || zone != 'Z' || text.len != 0) return false;
  if (tag == WTLS_DER_UTC_TIME && part[YEAR] >= 50) century = 19;
  unsigned year = century * 100 + part[YEAR];
  if (part[MONTH] < 1 || part[MONTH] > 12 || part[DAY] < 1 || part[DAY] > days_in(part[MONTH], year)) return false;
  if (part[HOUR] > 23 || part[MINUTE] > 59 || part[SECOND] > 59) return false;
  int64_t hours = days_since_1970(year, part[MONTH], part[DAY]) * 24 + part[HOUR];
  *seconds = (hours * 60 + part[MINUTE]) * 60 + part[SECOND];
  *from = rest;
  return true;
}
