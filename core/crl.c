/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "crl.h"

#include "der.h"
#include "x509_parts.h"

/* Of an entry or of the list. One that limits what the list is about is critical, and not known here. */
static bool read_extensions(wasi_tls_bytes list, wtls_crl *crl) {
  while (list.len != 0) {
    wtls_extension extension;
    if (!wtls_extension_next(&list, &extension)) return false;
    bool known = extension.id == WTLS_EXTENSION_AUTHORITY_KEY_ID || extension.id == WTLS_EXTENSION_CRL_NUMBER ||
                 extension.id == WTLS_EXTENSION_DELTA_CRL;
    if (extension.id == WTLS_EXTENSION_DELTA_CRL) crl->delta = true;
    if (extension.id == WTLS_EXTENSION_AUTHORITY_KEY_ID &&
        !wtls_authority_key_id_read(extension.value, &crl->authority_key_id))
      return false;
    if (extension.critical && !known) crl->unknown_critical = true;
  }
  return true;
}

static bool next_entry(wasi_tls_bytes *list, wasi_tls_bytes *serial, wasi_tls_bytes *extensions) {
  wasi_tls_bytes entry;
  int64_t date;
  return wtls_der_take(list, WTLS_DER_SEQUENCE, &entry) && wtls_der_take(&entry, WTLS_DER_INTEGER, serial) &&
         wtls_der_take_time(&entry, &date) && wtls_der_take_optional(&entry, WTLS_DER_SEQUENCE, extensions) &&
         entry.len == 0;
}

static bool read_entries(wtls_crl *crl) {
  wasi_tls_bytes list = crl->revoked;
  while (list.len != 0) {
    wasi_tls_bytes serial;
    wasi_tls_bytes extensions;
    if (!next_entry(&list, &serial, &extensions) || !read_extensions(extensions, crl)) return false;
  }
  return true;
}

static bool read_next_update(wasi_tls_bytes *fields, int64_t *time) {
  bool there =
      fields->len != 0 && (fields->data[0] == WTLS_DER_UTC_TIME || fields->data[0] == WTLS_DER_GENERALIZED_TIME);
  *time = INT64_MAX;
  return !there || wtls_der_take_time(fields, time);
}

static bool read_list(wasi_tls_bytes fields, wtls_crl *crl) {
  wasi_tls_bytes algorithm;
  wasi_tls_bytes tagged;
  wasi_tls_bytes extensions;
  if (!wtls_der_skip_optional(&fields, WTLS_DER_INTEGER) || /* version */
      !wtls_der_take(&fields, WTLS_DER_SEQUENCE, &algorithm) ||
      !wtls_der_take_whole(&fields, WTLS_DER_SEQUENCE, &crl->issuer) ||
      !wtls_der_take_time(&fields, &crl->this_update) || !read_next_update(&fields, &crl->next_update) ||
      !wtls_der_take_optional(&fields, WTLS_DER_SEQUENCE, &crl->revoked) ||
      !wtls_der_take_optional(&fields, WTLS_DER_CONTEXT | WTLS_DER_CONSTRUCTED, &tagged) || fields.len != 0)
    return false;
  if (!wtls_bytes_equal(algorithm, crl->signature.algorithm)) crl->signature.scheme = 0;
  if (tagged.data != NULL &&
      (!wtls_der_only(tagged, WTLS_DER_SEQUENCE, &extensions) || !read_extensions(extensions, crl)))
    return false;
  return read_entries(crl);
}

bool wtls_crl_parse(wasi_tls_bytes der, wtls_crl *crl) {
  wasi_tls_bytes fields;
  wasi_tls_bytes list;
  *crl = (wtls_crl){.delta = false};
  return wtls_der_only(der, WTLS_DER_SEQUENCE, &fields) && wtls_signed_read(fields, &crl->signature) &&
         wtls_der_only(crl->signature.data, WTLS_DER_SEQUENCE, &list) && read_list(list, crl);
}

bool wtls_crl_is_of(const wtls_crl *crl, const wtls_x509 *issuer) {
  return !crl->delta && wtls_bytes_equal(crl->issuer, issuer->subject) &&
         !wtls_key_ids_differ(crl->authority_key_id, issuer);
}

bool wtls_crl_is_current(const wtls_crl *crl, int64_t now) {
  return crl->this_update <= now && now <= crl->next_update;
}

bool wtls_crl_lists(const wtls_crl *crl, wasi_tls_bytes serial) {
  wasi_tls_bytes list = crl->revoked;
  wasi_tls_bytes entry;
  wasi_tls_bytes extensions;
  while (next_entry(&list, &entry, &extensions))
    if (wtls_bytes_equal(entry, serial)) return true;
  return false;
}
