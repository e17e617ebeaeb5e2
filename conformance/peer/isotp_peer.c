#include "isotp_peer.h"

#include "isotp_wire.h"

#include <string.h>

enum { REST_SIZE = 4096 };

void isotp_peer_init(struct isotp_peer *peer)
{
    memset(peer, 0, sizeof *peer);
    peer->socket = ISOTP_NO_SOCKET;
    peer->limit_ms = ISOTP_LIMIT_MS;
    peer->class_option = ISOTP_CLASS_2;
}

enum isotp_result isotp_open(struct isotp_peer *peer,
                             const struct isotp_endpoint *from,
                             const struct isotp_endpoint *to)
{
    struct isotp_endpoint own;
    enum isotp_result result =
        isotp_socket_connect(from, to, isotp_begin(peer), &peer->socket, &peer->why);

    if (result != ISOTP_OK) {
        peer->socket = ISOTP_NO_SOCKET;
        return result;
    }
    result = isotp_socket_name(peer->socket, &own, &peer->why);
    /* References have to be unique among the live connections of a host and not 0; so
     * are its ports. */
    peer->own_reference = own.port;
    return result;
}

enum isotp_result isotp_accept(struct isotp_peer *peer, isotp_socket listener)
{
    struct isotp_endpoint remote;
    enum isotp_result result =
        isotp_socket_accept(listener, isotp_begin(peer), &peer->socket, &peer->why);

    if (result != ISOTP_OK) {
        peer->socket = ISOTP_NO_SOCKET;
        return result;
    }
    result = isotp_socket_far_name(peer->socket, &remote, &peer->why);
    /* The far port, since our own is the listener's; its octets are swapped lest both
     * sides choose the same and a mix-up of references goes unseen. */
    peer->own_reference = (uint16_t)(remote.port << 8 | remote.port >> 8);
    return result;
}

enum isotp_result isotp_finish(struct isotp_peer *peer)
{
    enum isotp_result result = isotp_flush(peer, isotp_begin(peer));

    if (result != ISOTP_OK)
        return result;
    peer->finished = true;
    return isotp_socket_finish(peer->socket, &peer->why);
}

enum isotp_result isotp_await_end(struct isotp_peer *peer)
{
    enum isotp_result result = isotp_receive_tpdu(peer);

    if (result == ISOTP_OK)
        return isotp_because(ISOTP_DIFFERENT,
                             &peer->why,
                             "expected the end of the TCP connection, observed a %s",
                             isotp_kind_name(peer->seen.kind));
    if (result != ISOTP_CLOSED)
        return result;
    peer->why.text[0] = '\0';
    return ISOTP_OK;
}

enum isotp_result isotp_close(struct isotp_peer *peer)
{
    uint64_t deadline = isotp_begin(peer);
    enum isotp_result result = isotp_flush(peer, deadline);
    unsigned char rest[REST_SIZE];
    size_t size;

    /* Once both sides have sent theirs a further FIN would be an error. */
    if (result == ISOTP_OK && !peer->finished)
        result = isotp_socket_finish(peer->socket, &peer->why);
    while (result == ISOTP_OK) {
        result = isotp_socket_receive(
            peer->socket, rest, sizeof rest, deadline, &size, &peer->why);
        if (result == ISOTP_OK)
            result = isotp_in_time(peer, deadline);
    }
    isotp_socket_close(peer->socket);
    peer->socket = ISOTP_NO_SOCKET;
    if (result != ISOTP_CLOSED)
        return result;
    peer->why.text[0] = '\0';
    return ISOTP_OK;
}

void isotp_reset(struct isotp_peer *peer)
{
    if (peer->socket == ISOTP_NO_SOCKET)
        return;
    isotp_socket_reset(peer->socket);
    peer->socket = ISOTP_NO_SOCKET;
}
