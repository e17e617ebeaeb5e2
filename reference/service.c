#include "service.h"

#include "events.h"
#include "lower.h"
#include "overlapped.h"
#include "registry.h"
#include "startup.h"
#include "timer.h"

#define CLASS_NAME L"wspref service"
#define TICK_MESSAGE WM_USER
#define TICK_TIMER 1

static CRITICAL_SECTION lock; /* taken with an endpoint's lock held */
static HANDLE thread;
static HWND window;

void service_initialize(void)
{
    InitializeCriticalSection(&lock);
}

void service_delete(void)
{
    DeleteCriticalSection(&lock);
}

/* --- What is waited for ---------------------------------------------------------- */

/* FD_CLOSE comes once: what waited for it has been woken for good. */
static long meaningful(const struct endpoint *endpoint, long mask)
{
    long data = FD_READ | FD_WRITE | FD_OOB;

    if (endpoint_connectionless(endpoint))
        return mask & data;
    switch (endpoint->state) {
    case ENDPOINT_CONNECTING:
        return mask ? FD_CONNECT : 0; /* it comes before all else */
    case ENDPOINT_CONNECTED:
        return mask & (endpoint->peer_closed ? data : data | FD_CLOSE);
    case ENDPOINT_LISTENING:
        /* While a client decides on the head of the queue, nobody gets past it. */
        return endpoint->deciding ? 0 : mask & FD_ACCEPT;
    case ENDPOINT_OPEN:
        break;
    }
    return 0; /* nothing can happen to it */
}

static long wanted(const struct endpoint *endpoint)
{
    long mask = events_wanted(endpoint);

    for (const struct waiter *waiter = endpoint->waiters; waiter; waiter = waiter->next)
        mask |= waiter->mask;
    if (endpoint->receives.first)
        mask |= FD_READ | FD_OOB | FD_CLOSE;
    if (endpoint->sends.first)
        mask |= FD_WRITE | FD_CLOSE;
    if (endpoint->accepts.first)
        mask |= FD_ACCEPT;
    if (endpoint->connects.first)
        mask |= FD_CONNECT;
    return meaningful(endpoint, mask);
}

/* --- What happened --------------------------------------------------------------- */

static void note_close(struct endpoint *endpoint, int error)
{
    endpoint->peer_closed = true;
    endpoint->close_error = error;
}

/* Messages are hints: they may be late, so what they announce is looked up again before
 * anybody is told. The endpoint's lock is held. */
static void handle(struct endpoint *endpoint, long event, int error, struct queue *done)
{
    bool expected = endpoint->armed & event;

    endpoint->armed &= ~event;
    if (event == FD_CLOSE && endpoint->state == ENDPOINT_CONNECTED) {
        error = error ? error : endpoint->transport->end_code(endpoint);
        note_close(endpoint, error);
    }
    endpoint_settle(endpoint);
    overlapped_advance(endpoint, event, done);
    endpoint_wake(endpoint, event);
    events_happened(endpoint, event, error);
    if (wanted(endpoint)) {
        service_update(endpoint);
    } else if (!expected) {
        /* The lower layer goes on announcing what nobody waits for any more. */
        service_silence(endpoint->lower);
        endpoint->armed = 0;
    }
}

static const long events[] = {
    FD_READ, FD_WRITE, FD_OOB, FD_ACCEPT, FD_CONNECT, FD_CLOSE};

/* The state of an engine has changed: whoever waits for what holds now is told. */
static void tell_ready(struct endpoint *endpoint, struct queue *done)
{
    long ready;

    endpoint_settle(endpoint);
    overlapped_advance(endpoint, ~0l, done);
    ready = endpoint->transport->engine->ready(endpoint);
    if ((ready & FD_CLOSE) && !endpoint->peer_closed)
        note_close(endpoint, endpoint->transport->end_code(endpoint));
    endpoint_wake(endpoint, ready);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (ready & events[i])
            events_happened(
                endpoint, events[i], events[i] == FD_CLOSE ? endpoint->close_error : 0);
    }
}

static void
handle_engine(struct endpoint *endpoint, long event, int error, struct queue *done)
{
    const struct engine *engine = endpoint->transport->engine;

    if (event == TIMER_EVENT)
        engine->expired(endpoint);
    else
        engine->happened(endpoint, event, error);
    if (!endpoint->closing)
        tell_ready(endpoint, done);
}

void service_handle(struct endpoint *endpoint, long event, int error)
{
    struct queue done = {NULL, NULL};

    EnterCriticalSection(&endpoint->lock);
    if (endpoint->transport->engine)
        handle_engine(endpoint, event, error, &done);
    else if (!endpoint->closing)
        handle(endpoint, event, error, &done);
    LeaveCriticalSection(&endpoint->lock);
    overlapped_finish(&done);
}

static void dispatch(SOCKET lower_socket, UINT message, long event, int error)
{
    struct endpoint *endpoint = registry_find_lower(lower_socket, message);

    if (!endpoint)
        return;
    service_handle(endpoint, event, error);
    registry_release(endpoint);
}

static LRESULT CALLBACK window_procedure(HWND own,
                                         UINT message,
                                         WPARAM wparam,
                                         LPARAM lparam)
{
    if (message == TICK_MESSAGE)
        SetTimer(own, TICK_TIMER, TIMER_INTERVAL_MS, NULL);
    else if (message == WM_TIMER && !timer_tick())
        KillTimer(own, TICK_TIMER);
    if (message < SERVICE_FIRST_MESSAGE ||
        message >= SERVICE_FIRST_MESSAGE + SERVICE_MESSAGES)
        return DefWindowProcW(own, message, wparam, lparam);
    dispatch(
        (SOCKET)wparam, message, WSAGETSELECTEVENT(lparam), WSAGETSELECTERROR(lparam));
    return 0;
}

/* --- The thread ------------------------------------------------------------------ */

static HWND create_window(void)
{
    WNDCLASSW class = {
        .lpfnWndProc = window_procedure,
        .hInstance = own_module,
        .lpszClassName = CLASS_NAME,
    };

    RegisterClassW(&class);
    return CreateWindowExW(
        0, CLASS_NAME, NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, own_module, NULL);
}

/* `context` is an event that is signalled when the window is there or failed. */
static DWORD WINAPI run(void *context)
{
    MSG message;

    window = create_window();
    SetEvent(context);
    if (window) {
        while (GetMessageW(&message, NULL, 0, 0) > 0)
            DispatchMessageW(&message);
        DestroyWindow(window);
        window = NULL;
    }
    UnregisterClassW(CLASS_NAME, own_module);
    return 0;
}

static void start(void)
{
    HANDLE ready = CreateEventW(NULL, TRUE, FALSE, NULL);
    DWORD id;

    if (!ready)
        return;
    thread = CreateThread(NULL, 0, run, ready, 0, &id);
    if (thread)
        WaitForSingleObject(ready, INFINITE);
    CloseHandle(ready);
    if (thread && !window) {
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
        thread = NULL;
    }
}

static HWND service_window(void)
{
    HWND result;

    EnterCriticalSection(&lock);
    if (!thread)
        start();
    result = window;
    LeaveCriticalSection(&lock);
    return result;
}

void service_stop(void)
{
    if (!thread)
        return;
    PostMessageW(window, WM_QUIT, 0, 0);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    thread = NULL;
}

/* --- Asking the lower layer ------------------------------------------------------ */

void service_announce(const struct endpoint *endpoint, long event)
{
    PostMessageW(window,
                 endpoint->message,
                 (WPARAM)endpoint->lower,
                 WSAMAKESELECTREPLY(event, 0));
}

void service_tick(void)
{
    PostMessageW(service_window(), TICK_MESSAGE, 0, 0);
}

int service_update(struct endpoint *endpoint)
{
    const struct engine *engine = endpoint->transport->engine;
    long mask = wanted(endpoint);
    HWND target;
    int error;

    if (engine && window && (engine->ready(endpoint) & mask))
        service_announce(endpoint, 0);
    if (engine)
        mask = engine->needs(endpoint, mask);
    if (!(mask & ~endpoint->armed))
        return 0;
    target = service_window();
    if (!target)
        return WSAENOBUFS;
    if (lower.lpWSPAsyncSelect(
            endpoint->lower, target, endpoint->message, mask | endpoint->armed, &error))
        return WSAENOBUFS;
    endpoint->armed |= mask;
    endpoint->asked = true;
    if (engine) /* look again: it may have come before it was asked for */
        service_announce(endpoint, 0);
    return 0;
}

void service_relax(struct endpoint *endpoint, long event)
{
    long mask = endpoint->armed & ~event;
    int error;

    if (!(wanted(endpoint) & (event | FD_CLOSE)) &&
        lower.lpWSPAsyncSelect(
            endpoint->lower, window, endpoint->message, mask, &error) == 0)
        endpoint->armed = mask;
}

void service_silence(SOCKET lower_socket)
{
    int error;

    if (window) /* else nothing was ever asked for */
        lower.lpWSPAsyncSelect(lower_socket, window, SERVICE_FIRST_MESSAGE, 0, &error);
}
