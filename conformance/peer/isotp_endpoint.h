/* A TCP address of the ISO transport, and the NSAP that RFC 1277 makes of it: what
 * stands behind the TSEL in tp_addr of a SOCKADDR_TP. */
#ifndef WSPCHECK_ISOTP_ENDPOINT_H
#define WSPCHECK_ISOTP_ENDPOINT_H

#include "isotp_result.h"

#include <stddef.h>
#include <stdint.h>

enum { ISOTP_NSAP_MAX = 20, ISOTP_PORT = 102 };

/* IPv4; RFC 1277 knows no other. */
struct isotp_endpoint {
    unsigned char address[4]; /* 127, 0, 0, 1 */
    uint16_t port;            /* host order */
};

/* Writes the NSAP, port included, transport set left out; gives its size (15). */
size_t isotp_nsap_write(const struct isotp_endpoint *endpoint,
                        unsigned char nsap[ISOTP_NSAP_MAX]);

/* Reads an NSAP of any legal length. ISOTP_DIFFERENT if it is none, or none of TCP. */
enum isotp_result isotp_nsap_read(const unsigned char *nsap,
                                  size_t size,
                                  struct isotp_endpoint *endpoint,
                                  struct isotp_why *why);

#endif
