/* A transport address, selector and NSAP, and its text form (RFC 1278):
 *
 *     "SRV"/TELEX+00728722+RFC-1006+03+127.0.0.1+1102
 *     '0102'H/NS+540072872203127000000001
 *     #128/Internet-RFC-1006=127.0.0.1
 */
#ifndef ISOTP_TP_ADDRESS_H
#define ISOTP_TP_ADDRESS_H

#include "nsap.h"
#include "tpdu.h"

enum {
    TP_ADDRESS_TEXT_MAX = 128
}; /* octets, enough for every address; no NUL counted */

struct tp_address {
    size_t selector_length; /* 0: none */
    size_t nsap_length;     /* 0: none, which stands for any address of this host */
    uint8_t selector[TPDU_SELECTOR_MAX];
    uint8_t nsap[NSAP_MAX];
};

enum tp_address_error {
    TP_ADDRESS_OK = 0,
    TP_ADDRESS_SYNTAX,
    TP_ADDRESS_UPPER, /* session or presentation selectors, which we have no use for */
    TP_ADDRESS_SEVERAL,  /* more than one network address */
    TP_ADDRESS_SELECTOR, /* not a selector, too long, or a number above 65535 */
    TP_ADDRESS_FOREIGN,  /* a known form of network address that TCP does not reach */
    TP_ADDRESS_HOST,     /* not four numbers up to 255; names are not looked up */
    TP_ADDRESS_NUMBER,   /* a port or a set that is no number up to 65535 */
    TP_ADDRESS_NSAP, /* not an even number of hexadecimal digits up to 2 * NSAP_MAX */
    TP_ADDRESS_ROOM, /* formatting only: the writer is too small */
};

/* Keywords may be in lower case. The network address of any host is "NS+" with nothing
 * behind it, which RFC 1278 does not have. On failure `address` is cleared. */
enum tp_address_error tp_address_parse(struct octets text, struct tp_address *address);

/* Writes the text without NUL; parsing it gives `address` again. Lengths in `address`
 * must be within its arrays, or TP_ADDRESS_SELECTOR or TP_ADDRESS_NSAP is the answer.
 */
enum tp_address_error tp_address_format(struct octet_writer *writer,
                                        const struct tp_address *address);

#endif
