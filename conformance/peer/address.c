/* The addresses of this worker, in the words of each family. */
#include "iso_address.h"
#include "peer.h"
#include "running.h"

#include <string.h>

/* Under which the suite's ends of the ISO transport are known. */
static const char tsel[] = "wspcheck";

static struct sockaddr_storage worker4, worker6;

bool peer_open(const char *address4, const char *address6)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&worker4;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&worker6;
    WSADATA data;

    if (WSAStartup(MAKEWORD(2, 2), &data))
        return false;
    v4->sin_family = AF_INET;
    v6->sin6_family = AF_INET6;
    return inet_pton(AF_INET, address4, &v4->sin_addr) == 1 &&
           inet_pton(AF_INET6, address6, &v6->sin6_addr) == 1;
}

static struct isotp_endpoint endpoint_of(const struct sockaddr_in *address)
{
    struct isotp_endpoint endpoint = {.port = ntohs(address->sin_port)};

    memcpy(endpoint.address, &address->sin_addr, sizeof endpoint.address);
    return endpoint;
}

/* What stands in a SOCKADDR_TP; `blocked` if it names no TCP address. */
static struct isotp_endpoint endpoint_in(const struct sockaddr *address)
{
    struct isotp_endpoint endpoint;

    if (!iso_address_read((const SOCKADDR_TP *)(const void *)address, &endpoint))
        blocked("the provider gave an address without an NSAP of RFC 1277");
    return endpoint;
}

static void write_iso(const struct sockaddr_in *system,
                      struct sockaddr_storage *address,
                      int *length)
{
    struct isotp_endpoint endpoint = endpoint_of(system);
    SOCKADDR_TP iso = iso_address(&endpoint, tsel, sizeof tsel - 1);

    memset(address, 0, sizeof *address);
    memcpy(address, &iso, sizeof iso);
    *length = sizeof iso;
}

void worker_address(struct spi_test *t,
                    unsigned short port,
                    struct sockaddr_storage *address,
                    int *length)
{
    const char *why;

    if (!peer_speaks(t->entry, &why))
        blocked("%s", why);
    if (t->entry->iAddressFamily == AF_INET6) {
        *address = worker6;
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
        *length = sizeof(struct sockaddr_in6);
        return;
    }
    *address = worker4;
    ((struct sockaddr_in *)address)->sin_port = htons(port);
    *length = sizeof(struct sockaddr_in);
    if (t->entry->iAddressFamily == AF_ISO) {
        struct sockaddr_in system = *(struct sockaddr_in *)address;

        write_iso(&system, address, length);
    }
}

unsigned short port_of(const struct sockaddr *address)
{
    if (address->sa_family == AF_ISO)
        return endpoint_in(address).port;
    if (address->sa_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)address)->sin_port);
    return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
}

void system_address(const struct sockaddr *address,
                    struct sockaddr_storage *system,
                    int *length)
{
    memset(system, 0, sizeof *system);
    if (address->sa_family == AF_ISO) {
        struct isotp_endpoint endpoint = endpoint_in(address);
        struct sockaddr_in *v4 = (struct sockaddr_in *)system;

        v4->sin_family = AF_INET;
        v4->sin_port = htons(endpoint.port);
        memcpy(&v4->sin_addr, endpoint.address, sizeof endpoint.address);
        *length = sizeof *v4;
        return;
    }
    *length = address->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                            : sizeof(struct sockaddr_in6);
    memcpy(system, address, (size_t)*length);
}

void transport_address(int family,
                       const struct sockaddr *system,
                       struct sockaddr_storage *address,
                       int *length)
{
    if (family == AF_ISO) {
        struct sockaddr_in v4 = *(const struct sockaddr_in *)(const void *)system;

        write_iso(&v4, address, length);
        return;
    }
    system_address(system, address, length);
}

SOCKET system_socket(const struct spi_test *t)
{
    if (t->entry->iAddressFamily == AF_ISO)
        return socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    return socket(t->entry->iAddressFamily, t->entry->iSocketType, 0);
}
