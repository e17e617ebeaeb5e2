/* Network addresses of OSI for hosts on the Internet (RFC 1277, Internet prefix 03). */
#ifndef ISOTP_NSAP_H
#define ISOTP_NSAP_H

#include "octets.h"

enum {
    NSAP_MAX = 20,      /* octets of any NSAP */
    NSAP_INET_MIN = 12, /* of one of this form: without a port, with port and set */
    NSAP_INET_MAX = 17,
    NSAP_PORT = 102,  /* where a port is not given */
    NSAP_SET_TCP = 1, /* transport set: TCP is the default, and all that we can use */
};

/* An Internet address as RFC 1277 writes it. */
struct nsap_inet {
    uint8_t address[4]; /* IPv4, as it reads from left to right */
    bool has_port;      /* or else `port` is NSAP_PORT */
    bool has_set;       /* only with a port; or else `set` is NSAP_SET_TCP */
    uint16_t port;
    uint16_t set;
};

enum nsap_error {
    NSAP_OK = 0,
    NSAP_FOREIGN, /* a different kind of NSAP */
    NSAP_LENGTH,  /* this kind, but not 12, 17 or 22 digits behind the prefix */
    NSAP_DIGIT,   /* a half octet that is no decimal digit */
    NSAP_ADDRESS, /* a part of the address is above 255 */
    NSAP_RANGE,   /* a port or a set is above 65535 */
    NSAP_ROOM,    /* encoding only: the writer is too small */
};

enum nsap_error nsap_decode(struct octets nsap, struct nsap_inet *inet);

/* Fails with NSAP_ROOM only; NSAP_INET_MAX octets are always enough. */
enum nsap_error nsap_encode(struct octet_writer *writer, const struct nsap_inet *inet);

#endif
