#include "isotp_wire.h"

uint64_t isotp_begin(struct isotp_peer *peer)
{
    peer->why.text[0] = '\0';
    return isotp_now_ms() + peer->limit_ms;
}

enum isotp_result isotp_flush(struct isotp_peer *peer, uint64_t deadline)
{
    size_t taken;
    enum isotp_result result = isotp_socket_send(peer->socket,
                                                 peer->outgoing.octets + peer->taken,
                                                 peer->outgoing.size - peer->taken,
                                                 deadline,
                                                 &taken,
                                                 &peer->why);

    peer->taken += taken;
    return result;
}

enum isotp_result isotp_put_tpdu(struct isotp_peer *peer,
                                 const struct isotp_tpdu *tpdu,
                                 uint64_t deadline)
{
    enum isotp_result result = isotp_flush(peer, deadline);

    if (result != ISOTP_OK)
        return result;
    peer->outgoing.size = 0;
    peer->taken = 0;
    if (!isotp_octets_add_tpkt(&peer->outgoing, tpdu))
        return isotp_because(ISOTP_FAILED,
                             &peer->why,
                             "the %s to be sent does not fit into its TPKT",
                             isotp_kind_name(tpdu->kind));
    return isotp_flush(peer, deadline);
}

enum isotp_result isotp_send_tpdu(struct isotp_peer *peer,
                                  const struct isotp_tpdu *tpdu)
{
    return isotp_put_tpdu(peer, tpdu, isotp_begin(peer));
}

enum isotp_result isotp_send_in_pieces(struct isotp_peer *peer,
                                       const void *octets,
                                       size_t size,
                                       size_t piece)
{
    uint64_t deadline = isotp_begin(peer);
    enum isotp_result result = isotp_flush(peer, deadline);

    if (result != ISOTP_OK)
        return result;
    if (size > ISOTP_TPKT_MAX || piece == 0)
        return isotp_because(ISOTP_FAILED,
                             &peer->why,
                             "%u octets cannot be sent in pieces of %u",
                             (unsigned)size,
                             (unsigned)piece);
    peer->outgoing.size = 0;
    peer->taken = 0;
    for (size_t sent = 0; sent < size && result == ISOTP_OK; sent += piece) {
        if (piece > size - sent)
            piece = size - sent;
        isotp_octets_add(&peer->outgoing, (const char *)octets + sent, piece);
        result = isotp_flush(peer, deadline);
    }
    return result;
}

enum isotp_result
isotp_send_octets(struct isotp_peer *peer, const void *octets, size_t size)
{
    return isotp_send_in_pieces(peer, octets, size, ISOTP_TPKT_MAX);
}

/* Receives until `size` octets of the TPKT are there. */
static enum isotp_result fill(struct isotp_peer *peer, size_t size, uint64_t deadline)
{
    struct isotp_octets *incoming = &peer->incoming;

    while (incoming->size < size) {
        size_t received;
        enum isotp_result result =
            isotp_socket_receive(peer->socket,
                                 incoming->octets + incoming->size,
                                 size - incoming->size,
                                 deadline,
                                 &received,
                                 &peer->why);

        if (result == ISOTP_CLOSED && incoming->size > 0)
            return isotp_because(ISOTP_DIFFERENT,
                                 &peer->why,
                                 "octet %u of a TPKT: expected it, observed the end of "
                                 "the TCP connection",
                                 (unsigned)(incoming->size + 1));
        if (result != ISOTP_OK)
            return result;
        incoming->size += received;
    }
    return ISOTP_OK;
}

enum isotp_result isotp_in_time(struct isotp_peer *peer, uint64_t deadline)
{
    if (isotp_now_ms() <= deadline)
        return ISOTP_OK;
    return isotp_because(ISOTP_TIMEOUT,
                         &peer->why,
                         "receiving: the far side went on beyond the time limit");
}

enum isotp_result isotp_take_tpdu(struct isotp_peer *peer, uint64_t deadline)
{
    struct isotp_octets *incoming = &peer->incoming;
    enum isotp_result result;
    size_t length;

    if (peer->seen_whole)
        incoming->size = 0;
    peer->seen_whole = false;
    result = fill(peer, ISOTP_TPKT_HEADER, deadline);
    if (result != ISOTP_OK)
        return result;
    result = isotp_read_header(incoming->octets, &length, &peer->why);
    if (result != ISOTP_OK)
        return result;
    result = fill(peer, length, deadline);
    if (result != ISOTP_OK)
        return result;
    peer->seen_whole = true;
    return isotp_read(incoming->octets, length, &peer->seen, &peer->why);
}

enum isotp_result isotp_receive_tpdu(struct isotp_peer *peer)
{
    return isotp_take_tpdu(peer, isotp_begin(peer));
}

enum isotp_result
isotp_expect(struct isotp_peer *peer, const struct isotp_tpdu *expected, unsigned any)
{
    enum isotp_result result = isotp_receive_tpdu(peer);

    if (result != ISOTP_OK)
        return result;
    return isotp_match(&peer->seen, expected, any, &peer->why);
}
