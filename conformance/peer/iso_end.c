#include "iso_end.h"

#include "isotp_wire.h"

#include <stdlib.h>
#include <string.h>

/* How long the closing end reads what the far side may still have sent. */
#define DRAIN_MS 10

struct iso_end *iso_end_new(void)
{
    struct iso_end *end = malloc(sizeof *end);

    if (!end)
        abort();
    memset(end, 0, offsetof(struct iso_end, message));
    isotp_peer_init(&end->transport);
    return end;
}

void iso_end_free(struct iso_end *end)
{
    if (end->transport.socket != ISOTP_NO_SOCKET)
        isotp_socket_close(end->transport.socket);
    free(end);
}

SOCKET iso_end_socket(const struct iso_end *end)
{
    return end->transport.socket == ISOTP_NO_SOCKET ? INVALID_SOCKET
                                                    : (SOCKET)end->transport.socket;
}

const char *iso_end_why(const struct iso_end *end)
{
    return end->transport.why.text;
}

static bool is_open(const struct iso_end *end)
{
    return end->transport.socket != ISOTP_NO_SOCKET;
}

bool iso_end_calls(struct iso_end *end,
                   const struct isotp_endpoint *from,
                   const struct isotp_endpoint *to,
                   const void *tsel,
                   size_t tsel_size)
{
    struct isotp_terms terms = {.called = tsel, .called_size = tsel_size};

    end->calling = isotp_open(&end->transport, from, to) == ISOTP_OK &&
                   isotp_send_cr(&end->transport, &terms) == ISOTP_OK;
    return end->calling;
}

bool iso_end_is_connected(struct iso_end *end, unsigned ms)
{
    unsigned limit = end->transport.limit_ms;

    if (!end->calling || !is_open(end))
        return is_open(end);
    end->transport.limit_ms = ms;
    end->calling = isotp_await_cc(&end->transport) != ISOTP_OK;
    end->transport.limit_ms = limit;
    return !end->calling;
}

/* How sockets would have said it. */
static int code_of(enum isotp_result result)
{
    switch (result) {
    case ISOTP_OK:
        return 0;
    case ISOTP_TIMEOUT:
        return WSAETIMEDOUT;
    case ISOTP_RESET:
        return WSAECONNRESET;
    case ISOTP_REFUSED:
        return WSAECONNREFUSED;
    default:
        return WSAECONNABORTED;
    }
}

bool iso_end_sends(struct iso_end *end, const void *data, size_t size, int *error)
{
    if (!iso_end_is_connected(end, end->transport.limit_ms)) {
        *error = WSAENOTCONN;
        return false;
    }
    *error = code_of(isotp_send_message(&end->transport, data, size));
    return !*error;
}

/* Sends at most what the system takes at once. */
static enum isotp_result
send_at_once(struct isotp_peer *transport, const void *data, size_t size)
{
    enum isotp_result result = isotp_flush(transport, isotp_begin(transport));

    if (result != ISOTP_OK)
        return result;
    result = isotp_send_message(transport, data, size);
    if (result != ISOTP_TIMEOUT)
        return result;
    if (transport->taken)
        return ISOTP_OK;
    /* Nothing of it has left: it was never sent. */
    transport->outgoing.size = 0;
    return result;
}

bool iso_end_tries_to_send(struct iso_end *end,
                           const void *data,
                           size_t size,
                           int *error)
{
    unsigned limit = end->transport.limit_ms;

    if (!iso_end_is_connected(end, limit)) {
        *error = WSAENOTCONN;
        return false;
    }
    end->transport.limit_ms = 0;
    *error = code_of(send_at_once(&end->transport, data, size));
    end->transport.limit_ms = limit;
    if (*error == WSAETIMEDOUT)
        *error = WSAEWOULDBLOCK;
    return !*error;
}

static int hand_out(struct iso_end *end, void *buffer, size_t size)
{
    size_t left = end->size - end->taken;

    if (size > left)
        size = left;
    memcpy(buffer, end->message + end->taken, size);
    end->taken += size;
    return (int)size;
}

/* Whether what came in place of a DT is the DC that answers our DR. */
static bool is_confirmation(struct iso_end *end)
{
    struct isotp_peer *transport = &end->transport;
    struct isotp_tpdu dc = {.kind = ISOTP_DC,
                            .destination = transport->own_reference,
                            .source = transport->far_reference};

    if (!end->said_farewell || transport->seen.kind != ISOTP_DC ||
        isotp_match(&transport->seen, &dc, 0, &transport->why) != ISOTP_OK)
        return false;
    transport->farewell.kind = ISOTP_DC;
    return true;
}

int iso_end_receives(struct iso_end *end, void *buffer, size_t size, int *error)
{
    enum isotp_result result;

    *error = 0;
    if (end->taken < end->size)
        return hand_out(end, buffer, size);
    if (end->transport.farewell.kind != ISOTP_NO_TPDU)
        return 0;
    if (!iso_end_is_connected(end, end->transport.limit_ms)) {
        *error = WSAENOTCONN;
        return -1;
    }
    end->taken = 0;
    result = isotp_receive_message(
        &end->transport, end->message, sizeof end->message, &end->size);
    if (result == ISOTP_OK)
        return hand_out(end, buffer, size);
    end->size = 0;
    if (result == ISOTP_DISCONNECTED ||
        (result == ISOTP_DIFFERENT && is_confirmation(end)))
        return 0;
    *error = code_of(result);
    return -1;
}

bool iso_end_disconnects(struct iso_end *end, const void *data, size_t size)
{
    end->said_farewell =
        iso_end_is_connected(end, end->transport.limit_ms) &&
        isotp_send_dr(&end->transport, ISOTP_REASON_NORMAL, data, size) == ISOTP_OK;
    return end->said_farewell;
}

bool iso_end_confirms(struct iso_end *end)
{
    end->said_farewell = is_open(end) && isotp_send_dc(&end->transport) == ISOTP_OK;
    return end->said_farewell;
}

bool iso_end_takes_farewell(struct iso_end *end)
{
    if (end->transport.farewell.kind != ISOTP_NO_TPDU)
        return true;
    if (!iso_end_is_connected(end, end->transport.limit_ms))
        return false;
    return (end->said_farewell ? isotp_await_release(&end->transport)
                               : isotp_await_dr(&end->transport)) == ISOTP_OK;
}

void iso_end_closes(struct iso_end *end)
{
    if (!is_open(end))
        return;
    if (!end->said_farewell && !end->calling) {
        if (end->transport.farewell.kind == ISOTP_DR)
            iso_end_confirms(end);
        else
            iso_end_disconnects(end, NULL, 0);
    }
    end->transport.limit_ms = DRAIN_MS;
    isotp_close(&end->transport);
}

void iso_end_resets(struct iso_end *end)
{
    isotp_reset(&end->transport);
}
