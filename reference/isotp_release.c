/* The ways in which a connection ends. */
#include "isotp.h"
#include "lower.h"
#include "registry.h"
#include "service.h"
#include "timer.h"

/* How long is waited for: */
#define CALL_MS 10000    /* the CR of who has connected by TCP */
#define CONFIRM_MS 60000 /* the CC: a client may take its time to accept */
#define ANSWER_MS 5000   /* our client's answer to a DR, from its last reception on */
#define RELEASE_MS 60000 /* the peer's answer to ours */
#define LINGER_MS 5000   /* the end of the TCP connection, when all is said */

static struct endpoint *background; /* guarded by isotp_lock */

/* --- Codes ----------------------------------------------------------------------- */

int isotp_code_of_reason(uint8_t reason)
{
    return reason == TPDU_REASON_NORMAL || reason == TPDU_REASON_UNSPECIFIED
               ? 0
               : WSAECONNRESET;
}

int isotp_code_of_fault(enum circuit_fault fault)
{
    return fault == CIRCUIT_FAULT_LOST || fault == CIRCUIT_FAULT_REJECTED
               ? WSAECONNRESET
               : WSAECONNABORTED;
}

int isotp_end_code(struct endpoint *endpoint)
{
    return isotp_of(endpoint)->end_code;
}

/* --- Disconnect data ------------------------------------------------------------- */

int isotp_disconnect(struct endpoint *endpoint, const WSABUF *data)
{
    struct isotp *isotp = isotp_of(endpoint);
    size_t length = data ? data->len : 0;
    int error = 0;

    if (length > TPDU_DISCONNECT_DATA_MAX)
        return WSAEFAULT;
    isotp_drive(endpoint);
    if (circuit_disconnect(&isotp->circuit,
                           TPDU_REASON_NORMAL,
                           octets_of(length ? data->buf : NULL, length)) !=
            CIRCUIT_OK &&
        length)
        error = WSAENOTCONN; /* there is nobody any more to get them */
    isotp_drive(endpoint);
    return error;
}

WSABUF isotp_inbound_disconnect_data(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);

    isotp_drive(endpoint);
    return (WSABUF){(ULONG)isotp->disconnect_length, (char *)isotp->disconnect_data};
}

/* --- The background -------------------------------------------------------------- */

static void enter_background(struct endpoint *endpoint)
{
    isotp_of(endpoint)->background = true;
    registry_refer(endpoint);
    EnterCriticalSection(&isotp_lock);
    isotp_of(endpoint)->next_background = background;
    background = endpoint;
    LeaveCriticalSection(&isotp_lock);
}

/* Whoever calls this has a reference of its own. */
static void leave_background(struct endpoint *endpoint)
{
    struct endpoint **at = &background;

    isotp_of(endpoint)->background = false;
    timer_set(endpoint, 0);
    EnterCriticalSection(&isotp_lock);
    while (*at != endpoint)
        at = &isotp_of(*at)->next_background;
    *at = isotp_of(endpoint)->next_background;
    LeaveCriticalSection(&isotp_lock);
    registry_release(endpoint);
}

/* A reset takes what TCP has not delivered with it. */
static void break_off(struct endpoint *endpoint)
{
    lower_set_hard_close(endpoint->lower);
    isotp_of(endpoint)->input_over = true;
    isotp_of(endpoint)->finished = true;
}

void isotp_close(struct endpoint *endpoint, bool hard)
{
    struct isotp *isotp = isotp_of(endpoint);

    if (endpoint->state == ENDPOINT_LISTENING) {
        isotp_drop_callers(endpoint);
        return;
    }
    isotp->callee = NULL;
    if (isotp->circuit.state == CIRCUIT_IDLE && !hard)
        return; /* never was connected */
    isotp->discarding = true;
    if (hard) {
        isotp_abort(endpoint);
        break_off(endpoint);
        timer_set(endpoint, 0);
        return;
    }
    circuit_disconnect(&isotp->circuit, TPDU_REASON_NORMAL, octets_of(NULL, 0));
    enter_background(endpoint);
    service_update(endpoint);
    isotp_drive(endpoint);
}

void isotp_stop(void)
{
    while (background) {
        struct endpoint *endpoint = background;

        registry_refer(endpoint);
        isotp_drive(endpoint);
        if (isotp_of(endpoint)->background)
            leave_background(endpoint);
        registry_release(endpoint);
    }
    isotp_free_queues();
}

/* --- After each step ------------------------------------------------------------- */

static DWORD limit_of(enum circuit_timer timer, const struct isotp *isotp)
{
    switch (timer) {
    case CIRCUIT_TIMER_CONNECT:
        return isotp->circuit.state == CIRCUIT_IDLE ? CALL_MS : CONFIRM_MS;
    case CIRCUIT_TIMER_ANSWER:
        return ANSWER_MS;
    case CIRCUIT_TIMER_RELEASE:
        return RELEASE_MS;
    case CIRCUIT_TIMER_LINGER:
        return LINGER_MS;
    default:
        return 0;
    }
}

/* A client may keep a socket that is over as long as it likes, and one that was never
 * connected. */
static enum circuit_timer timer_of(const struct isotp *isotp)
{
    enum circuit_timer timer = circuit_timer(&isotp->circuit);

    if (timer == CIRCUIT_TIMER_LINGER && !isotp->background)
        return CIRCUIT_TIMER_NONE;
    if (isotp->circuit.state == CIRCUIT_IDLE && !isotp->called_at)
        return CIRCUIT_TIMER_NONE;
    return timer;
}

static void set_timer(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);
    enum circuit_timer timer = timer_of(isotp);

    if (timer == isotp->timer)
        return;
    isotp_end_rest(endpoint);
    timer_set(endpoint, limit_of(timer, isotp));
    isotp->timer = timer;
}

/* Closing with octets unread makes TCP reset the connection, which can eat our last
 * TPDU at the peer; so our direction ends first, and theirs is read to its end. */
static void finish_output(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);
    int error;

    if (isotp->finished || !circuit_is_done(&isotp->circuit))
        return;
    isotp->finished = true;
    lower.lpWSPShutdown(endpoint->lower, SD_SEND, &error);
}

void isotp_finish(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);

    finish_output(endpoint);
    if (isotp->ended && isotp->called_at) {
        isotp_forget_caller(endpoint);
        isotp_close(endpoint, false); /* a wrong CR is still answered */
        return;
    }
    if (isotp->background && isotp->finished && isotp->input_over) {
        leave_background(endpoint);
        return;
    }
    set_timer(endpoint);
}

void isotp_expired(struct endpoint *endpoint)
{
    struct isotp *isotp = isotp_of(endpoint);
    bool lingers = isotp->timer == CIRCUIT_TIMER_LINGER;
    bool silent_caller = isotp->timer == CIRCUIT_TIMER_CONNECT && isotp->called_at;
    struct circuit_event event;

    if (endpoint->state == ENDPOINT_LISTENING) {
        if (!endpoint->closing)
            isotp_take_callers(endpoint, FD_ACCEPT);
        return;
    }
    if (isotp->resting) {
        isotp_rest_expired(endpoint);
        return;
    }
    isotp->timer = CIRCUIT_TIMER_NONE;
    if (lingers || silent_caller)
        break_off(endpoint);
    circuit_expire(&isotp->circuit, &event);
    isotp_take_event(endpoint, &event);
    isotp_drive(endpoint);
}
