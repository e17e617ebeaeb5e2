#include "json_protocol.h"

void json_wide(struct text *out, const char *key, const wchar_t *wide)
{
    char text[2000] = "";

    if (!WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof text, NULL, NULL))
        *text = '\0';
    json_member(out, key, text);
}

static void add_guid(struct text *out, const GUID *guid)
{
    const BYTE *end = guid->Data4;
    char text[64] = "";
    struct text written = TEXT_IN(text);

    text_add(&written, "{%08lx-%04x-%04x-", guid->Data1, guid->Data2, guid->Data3);
    for (size_t i = 0; i < sizeof guid->Data4; ++i)
        text_add(&written, i == 2 ? "-%02x" : "%02x", end[i]);
    text_add(&written, "}");
    json_member(out, "guid", text);
}

void json_protocol(struct text *out, const WSAPROTOCOL_INFOW *info)
{
    json_number(out, "family", info->iAddressFamily);
    json_number(out, "type", info->iSocketType);
    json_number(out, "protocol", info->iProtocol);
    json_number(out, "flags", info->dwServiceFlags1);
    json_number(out, "message_size", info->dwMessageSize);
    json_number(out, "min_addr", info->iMinSockAddr);
    json_number(out, "max_addr", info->iMaxSockAddr);
    json_number(out, "catalog_id", info->dwCatalogEntryId);
    add_guid(out, &info->ProviderId);
    json_wide(out, "name", info->szProtocol);
}
