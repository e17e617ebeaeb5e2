#include "wire_case.h"

#include "json.h"
#include "peer.h"
#include "running.h"
#include "trace.h"
#include "wire_connection.h"
#include "wire_mark.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void send_mark(void)
{
    if (!wire_mark_sent())
        blocked("a mark for the capture could not be sent: %s",
                error_text(WSAGetLastError()));
}

static void
add_address(struct text *mark, const char *key, const struct sockaddr_storage *address)
{
    char host[INET6_ADDRSTRLEN];
    const void *octets =
        address->ss_family == AF_INET
            ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
            : (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;

    if (!inet_ntop(address->ss_family, octets, host, sizeof host))
        blocked("an address cannot be written");
    json_key(mark, key);
    text_add(mark, "[");
    json_string(mark, host);
    text_add(mark, ",%u]", port_of((const struct sockaddr *)address));
}

static void add_datagram_ends(struct spi_test *t,
                              struct text *mark,
                              SOCKET s,
                              const struct peer *peer)
{
    struct sockaddr_storage address;
    int length;

    worker_address(t, local_port(t, s), &address, &length);
    add_address(mark, "local", &address);
    if (!peer)
        return;
    worker_address(t, port_of(peer_address(peer, &length)), &address, &length);
    add_address(mark, "remote", &address);
}

void wire_names(struct spi_test *t, enum wire_role role, SOCKET s, struct peer *peer)
{
    bool datagrams = t->entry->iSocketType == SOCK_DGRAM;
    const struct connection *connection = NULL;
    struct text *mark;

    if (!datagrams)
        connection = wire_connection_named(role, peer);
    mark = wire_mark("pair");
    json_member(mark, "role", role == WIRE_SUBJECT ? "subject" : "control");
    json_member(mark, "proto", datagrams ? "udp" : "tcp");
    if (!connection) {
        add_datagram_ends(t, mark, s, peer);
    } else {
        add_address(mark, "local", &connection->local);
        add_address(mark, "remote", &connection->remote);
    }
    send_mark();
}

void wire_step(struct spi_test *t, const char *format, ...)
{
    char words[256] = "";
    struct text out = TEXT_IN(words);
    va_list list;

    (void)t;
    va_start(list, format);
    text_add_list(&out, format, list);
    va_end(list);
    trace_line("%s", words);
    json_member(wire_mark("step"), "text", words);
    send_mark();
}

void wire_sent(struct spi_test *t, unsigned datagrams)
{
    struct text *mark = wire_mark("step");

    (void)t;
    json_member(mark, "text", spi_text("%u datagrams were sent", datagrams));
    json_number(mark, "sent", datagrams);
    send_mark();
}

static const char called[] = "WSPRecvDisconnect";

struct outcome wire_recv_disconnect(struct spi_test *t, WSABUF *data, size_t queued)
{
    struct text *mark = wire_mark("before");
    struct outcome outcome;

    json_member(mark, "call", called);
    json_number(mark, "queued", (double)queued);
    send_mark();
    outcome = recv_disconnect(t, data);
    mark = wire_mark("after");
    json_member(mark, "call", called);
    json_member(mark, "result", outcome.failed ? error_text(outcome.error) : "0");
    send_mark();
    stays_quiet(t, NULL, WIRE_SETTLE_MS);
    wire_mark("settled");
    send_mark();
    return outcome;
}
