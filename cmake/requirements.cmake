# A case that names a requirement nobody knows, or a requirement with neither case nor
# reason, is an error of the build.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)

set(check ${CMAKE_SOURCE_DIR}/conformance/requirements/check.py)
get_target_property(requirement_inputs wspcheck SOURCES)
list(FILTER requirement_inputs INCLUDE REGEX "^cases/")
list(APPEND requirement_inputs cases/suites.def requirements/recv_disconnect.toml)
list(TRANSFORM requirement_inputs PREPEND ${CMAKE_SOURCE_DIR}/conformance/)

set(stamp ${CMAKE_BINARY_DIR}/requirements.stamp)
add_custom_command(
    OUTPUT ${stamp}
    COMMAND ${Python3_EXECUTABLE} ${check}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${check} ${requirement_inputs}
    COMMENT "Checking requirements against cases")
add_custom_target(requirements ALL DEPENDS ${stamp})
