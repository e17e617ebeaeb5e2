#include "iso_address.h"

#include <string.h>

SOCKADDR_TP
iso_address(const struct isotp_endpoint *endpoint, const void *tsel, size_t tsel_size)
{
    SOCKADDR_TP address = {.tp_family = AF_ISO, .tp_addr_type = ISO_HIERARCHICAL};
    unsigned char nsap[ISOTP_NSAP_MAX];
    size_t nsap_size = isotp_nsap_write(endpoint, nsap);

    if (tsel_size > sizeof address.tp_addr - nsap_size)
        tsel_size = sizeof address.tp_addr - nsap_size;
    if (tsel_size)
        memcpy(address.tp_addr, tsel, tsel_size);
    memcpy(address.tp_addr + tsel_size, nsap, nsap_size);
    address.tp_tsel_len = (u_short)tsel_size;
    address.tp_taddr_len = (u_short)(tsel_size + nsap_size);
    return address;
}

bool iso_address_read(const SOCKADDR_TP *address, struct isotp_endpoint *endpoint)
{
    struct isotp_why why;

    return address->tp_taddr_len <= sizeof address->tp_addr &&
           address->tp_tsel_len <= address->tp_taddr_len &&
           isotp_nsap_read(address->tp_addr + address->tp_tsel_len,
                           address->tp_taddr_len - address->tp_tsel_len,
                           endpoint,
                           &why) == ISOTP_OK;
}
