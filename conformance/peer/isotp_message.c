/* Messages: DT. */
#include "isotp_wire.h"

#include <string.h>

/* Octets of a DT before its user data. */
static size_t dt_header(const struct isotp_peer *peer)
{
    return peer->class_option == ISOTP_CLASS_0 ? 3 : 5;
}

static enum isotp_kind dt_kind(const struct isotp_peer *peer)
{
    return peer->class_option == ISOTP_CLASS_0 ? ISOTP_DT_CLASS_0 : ISOTP_DT;
}

enum isotp_result
isotp_send_part(struct isotp_peer *peer, const void *data, size_t size, bool end)
{
    uint64_t deadline = isotp_begin(peer);
    size_t most = peer->tpdu_size - dt_header(peer);
    size_t sent = 0;

    if (peer->tpdu_size <= dt_header(peer))
        return isotp_because(
            ISOTP_FAILED, &peer->why, "no TPDU size for a DT has been agreed upon");
    do {
        size_t piece = size - sent < most ? size - sent : most;
        bool last = end && sent + piece == size;
        struct isotp_tpdu dt = {.kind = dt_kind(peer),
                                .destination = peer->far_reference,
                                .data = piece ? (const char *)data + sent : NULL,
                                .data_size = piece};
        enum isotp_result result;

        /* Class 0 does not number its DTs. */
        if (peer->class_option != ISOTP_CLASS_0)
            dt.number = (uint16_t)(peer->next_number++ % ISOTP_EOT);
        if (last)
            dt.number |= ISOTP_EOT;
        result = isotp_put_tpdu(peer, &dt, deadline);
        if (result != ISOTP_OK)
            return result;
        sent += piece;
    } while (sent < size);
    return ISOTP_OK;
}

enum isotp_result
isotp_send_message(struct isotp_peer *peer, const void *data, size_t size)
{
    return isotp_send_part(peer, data, size, true);
}

/* Whether what was just received is a DT as it has to be. */
static enum isotp_result check_dt(struct isotp_peer *peer, size_t room)
{
    struct isotp_tpdu expected = {.kind = dt_kind(peer),
                                  .destination = peer->own_reference};
    size_t size = dt_header(peer) + peer->seen.data_size;
    /* Without explicit flow control any number is right. */
    enum isotp_result result =
        isotp_match(&peer->seen,
                    &expected,
                    ISOTP_ANY_NUMBER | ISOTP_ANY_EOT | ISOTP_ANY_DATA,
                    &peer->why);

    if (result != ISOTP_OK)
        return result;
    if (size > peer->tpdu_size)
        return isotp_because(ISOTP_DIFFERENT,
                             &peer->why,
                             "the DT: expected at most the TPDU size of %u octets, "
                             "observed %u",
                             peer->tpdu_size,
                             (unsigned)size);
    if (peer->seen.data_size > room)
        return isotp_because(ISOTP_DIFFERENT,
                             &peer->why,
                             "the message: expected at most %u more octets, observed "
                             "%u",
                             (unsigned)room,
                             (unsigned)peer->seen.data_size);
    return ISOTP_OK;
}

enum isotp_result isotp_receive_message(struct isotp_peer *peer,
                                        void *buffer,
                                        size_t size,
                                        size_t *received)
{
    uint64_t deadline = isotp_begin(peer);
    enum isotp_result result;

    *received = 0;
    do {
        result = isotp_take_tpdu(peer, deadline);
        if (result != ISOTP_OK)
            return result;
        if (peer->seen.kind == ISOTP_DR) {
            result = isotp_take_dr(peer, peer->far_reference);
            return result != ISOTP_OK
                       ? result
                       : isotp_because(ISOTP_DISCONNECTED,
                                       &peer->why,
                                       "a DR came in place of a message");
        }
        result = check_dt(peer, size - *received);
        if (result != ISOTP_OK)
            return result;
        if (peer->seen.data_size > 0)
            memcpy((char *)buffer + *received, peer->seen.data, peer->seen.data_size);
        *received += peer->seen.data_size;
        if (peer->seen.number & ISOTP_EOT)
            return ISOTP_OK;
        result = isotp_in_time(peer, deadline);
    } while (result == ISOTP_OK);
    return result;
}
