/* TPKT: the packet that frames one TPDU on a TCP connection (RFC 1006 section 6). */
#ifndef ISOTP_TPKT_H
#define ISOTP_TPKT_H

#include "octets.h"

enum {
    TPKT_HEADER = 4, /* octets before the TPDU */
    TPKT_MIN = 7,    /* of a whole packet, header included */
    TPKT_MAX = 65535,
    TPKT_TPDU_MAX = TPKT_MAX - TPKT_HEADER,
};

enum tpkt_error {
    TPKT_OK = 0,
    TPKT_VERSION, /* is not 3 */
    TPKT_LENGTH,  /* too short to hold any TPDU */
};

/* Reads the header at the front of `packet`, which has at least TPKT_HEADER octets;
 * the reserved octet is ignored. On success *tpdu_length is what follows the header,
 * at least 3 and at most TPKT_TPDU_MAX. */
enum tpkt_error tpkt_decode(struct octets packet, size_t *tpdu_length);

/* Writes the header of a packet whose TPDU has `tpdu_length` octets, at most
 * TPKT_TPDU_MAX. */
void tpkt_encode(struct octet_writer *writer, size_t tpdu_length);

#endif
