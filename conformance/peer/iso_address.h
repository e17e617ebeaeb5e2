/* Addresses of the ISO transport on TCP as Winsock writes them (SOCKADDR_TP). */
#ifndef WSPCHECK_ISO_ADDRESS_H
#define WSPCHECK_ISO_ADDRESS_H

#include "isotp_endpoint.h"
#include "win.h"

#include <stdbool.h>

#include <wshisotp.h>

/* The endpoint with this TSEL, which may be empty. */
SOCKADDR_TP
iso_address(const struct isotp_endpoint *endpoint, const void *tsel, size_t tsel_size);

/* The endpoint of an address; false: it names none. The TSEL is the first
 * `tp_tsel_len` octets of `tp_addr`. */
bool iso_address_read(const SOCKADDR_TP *address, struct isotp_endpoint *endpoint);

#endif
