#include "notice.h"

#include "operation.h"

void learn_by_event(struct spi_test *t, SOCKET s)
{
    WSANETWORKEVENTS events = {0};
    WSAEVENT event = new_event(t);

    SETUP(spi_event_select(t, s, event, FD_CLOSE));
    if (!await(t, event))
        BLOCKED("FD_CLOSE does not signal the event");
    SETUP(spi_enum_network_events(t, s, event, &events));
    if (events.lNetworkEvents != FD_CLOSE)
        BLOCKED("events 0x%lx are recorded, not FD_CLOSE", events.lNetworkEvents);
}

void learn_by_message(struct spi_test *t, SOCKET s)
{
    HWND window = new_window(t);
    LPARAM lparam = 0;
    WPARAM wparam = 0;

    SETUP(spi_async_select(t, s, window, WM_USER, FD_CLOSE));
    if (!await_message(t, window, WM_USER, AT_ONCE_MS, &wparam, &lparam))
        BLOCKED("FD_CLOSE posts no message");
    if (WSAGETSELECTEVENT(lparam) != FD_CLOSE)
        BLOCKED("the message is not FD_CLOSE but 0x%lx", (unsigned long)lparam);
}

/* A byte stream tells the end by a zero return, messages by WSAEDISCON. */
void learn_by_receive(struct spi_test *t, SOCKET s)
{
    struct outcome o;
    char byte;

    /* The end may still be on its way, and the socket may be nonblocking. */
    await_readable(t, s);
    o = spi_recv(t, s, &byte, 1, 0);
    if (o.failed ? o.error != WSAEDISCON : o.bytes != 0)
        BLOCKED("WSPRecv does not tell the end: %s",
                o.failed ? error_text(o.error) : "data");
}

void learn_by_select(struct spi_test *t, SOCKET s)
{
    await_readable(t, s);
}
