/* A strict reader of ISO transport TPDUs: nothing that the protocol does not allow a
 * sender passes, and the first octet at fault is named in a sentence. Octets are
 * counted from 1, those of a TPDU from its length indicator. No sockets, no allocation.
 */
#ifndef WSPCHECK_ISOTP_READER_H
#define WSPCHECK_ISOTP_READER_H

#include "isotp_octets.h"
#include "isotp_result.h"

/* What isotp_match leaves open. */
enum isotp_any {
    ISOTP_ANY_CREDIT = 0x01,
    ISOTP_ANY_DESTINATION = 0x02,
    ISOTP_ANY_SOURCE = 0x04,
    ISOTP_ANY_CLASS = 0x08,
    ISOTP_ANY_REASON = 0x10,
    ISOTP_ANY_NUMBER = 0x20, /* but EOT is compared */
    ISOTP_ANY_EOT = 0x40,
    ISOTP_ANY_DATA = 0x80,
    /* Parameters that the expected TPDU does not have. */
    ISOTP_ANY_OTHER_PARAMETERS = 0x100
};

/* The length that a TPKT header (4 octets) announces, itself included. */
enum isotp_result
isotp_read_header(const unsigned char *header, size_t *length, struct isotp_why *why);

/* Reads one TPKT that holds one TPDU of class 0 or 2. ISOTP_OK, and `seen` with its
 * data in `packet`; or ISOTP_DIFFERENT. */
enum isotp_result isotp_read(const unsigned char *packet,
                             size_t size,
                             struct isotp_tpdu *seen,
                             struct isotp_why *why);

/* Compares what isotp_read gave with what is expected but for what `any` (enum
 * isotp_any) leaves open: ISOTP_OK or ISOTP_DIFFERENT. Parameters may come in any
 * order.
 */
enum isotp_result isotp_match(const struct isotp_tpdu *seen,
                              const struct isotp_tpdu *expected,
                              unsigned any,
                              struct isotp_why *why);

#endif
