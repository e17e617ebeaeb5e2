/* Addresses: SOCKADDR_TP holds a selector and an NSAP, and an NSAP of RFC 1277 holds an
 * IPv4 address and a port. No NSAP stands for any address and port of this host. */
#include "inet.h"
#include "isotp.h"
#include "memory.h"

#define HEADER ((int)offsetof(SOCKADDR_TP, tp_addr))

int isotp_name_length(const struct endpoint *endpoint)
{
    (void)endpoint;
    return sizeof(SOCKADDR_TP);
}

static bool fits(const SOCKADDR_TP *name, int length)
{
    return name->tp_taddr_len <= length - HEADER &&
           name->tp_tsel_len <= name->tp_taddr_len &&
           name->tp_tsel_len <= TPDU_SELECTOR_MAX &&
           name->tp_taddr_len - name->tp_tsel_len <= NSAP_MAX;
}

int isotp_check_name(const struct endpoint *endpoint,
                     const struct sockaddr *name,
                     int length,
                     int wrong_family)
{
    if (length < (int)sizeof name->sa_family || !memory_readable(name, (size_t)length))
        return WSAEFAULT;
    if (name->sa_family != endpoint->entry->iAddressFamily)
        return wrong_family;
    if (length < HEADER || !fits((const SOCKADDR_TP *)name, length))
        return WSAEFAULT;
    return 0;
}

void isotp_get_address(const struct sockaddr *name, struct tp_address *address)
{
    const SOCKADDR_TP *tp = (const SOCKADDR_TP *)name;

    *address = (struct tp_address){
        .selector_length = tp->tp_tsel_len,
        .nsap_length = (size_t)(tp->tp_taddr_len - tp->tp_tsel_len),
    };
    memcpy(address->selector, tp->tp_addr, address->selector_length);
    memcpy(address->nsap, tp->tp_addr + address->selector_length, address->nsap_length);
}

int isotp_put_address(const struct tp_address *address,
                      struct sockaddr *name,
                      int *length)
{
    SOCKADDR_TP tp = {.tp_family = AF_ISO, .tp_addr_type = ISO_HIERARCHICAL};

    if (*length < (int)sizeof tp)
        return WSAEFAULT;
    tp.tp_tsel_len = (u_short)address->selector_length;
    tp.tp_taddr_len = (u_short)(address->selector_length + address->nsap_length);
    memcpy(tp.tp_addr, address->selector, address->selector_length);
    memcpy(tp.tp_addr + address->selector_length, address->nsap, address->nsap_length);
    memcpy(name, &tp, sizeof tp);
    *length = sizeof tp;
    return 0;
}

int isotp_inet_of(const struct tp_address *address, struct sockaddr_in *inet)
{
    struct nsap_inet host;

    *inet = (struct sockaddr_in){.sin_family = AF_INET};
    if (address->nsap_length == 0)
        return 0;
    if (nsap_decode(octets_of(address->nsap, address->nsap_length), &host) != NSAP_OK ||
        host.set != NSAP_SET_TCP)
        return WSAEADDRNOTAVAIL;
    memcpy(&inet->sin_addr, host.address, sizeof host.address);
    inet->sin_port = (u_short)(host.port << 8 | host.port >> 8);
    return 0;
}

/* The NSAP of a TCP address, with its port. */
static void set_inet(struct tp_address *address, const struct sockaddr_in *inet)
{
    struct octet_writer writer = {.at = address->nsap, .size = sizeof address->nsap};
    struct nsap_inet host = {.has_port = true};

    memcpy(host.address, &inet->sin_addr, sizeof host.address);
    host.port = (uint16_t)(inet->sin_port << 8 | inet->sin_port >> 8);
    nsap_encode(&writer, &host);
    address->nsap_length = writer.length;
}

bool isotp_is_null_name(const struct sockaddr *name)
{
    struct tp_address address;
    struct sockaddr_in inet;

    isotp_get_address(name, &address);
    return isotp_inet_of(&address, &inet) == 0 && inet.sin_addr.s_addr == INADDR_ANY;
}

int isotp_local_name(struct endpoint *endpoint, struct sockaddr *name, int *length)
{
    struct tp_address address = isotp_of(endpoint)->local;
    struct sockaddr_in inet;
    int size = sizeof inet;
    int error = inet_local_name(endpoint, (struct sockaddr *)&inet, &size);

    if (error)
        return error;
    set_inet(&address, &inet);
    return isotp_put_address(&address, name, length);
}

/* The address is the TCP connection's as long as that exists, and what was said of it
 * at the beginning afterwards. */
int isotp_peer_name(struct endpoint *endpoint, struct sockaddr *name, int *length)
{
    struct isotp *isotp = isotp_of(endpoint);
    struct sockaddr_in inet;
    int size = sizeof inet;

    if (inet_peer_name(endpoint, (struct sockaddr *)&inet, &size) == 0)
        set_inet(&isotp->peer, &inet);
    return isotp_put_address(&isotp->peer, name, length);
}
