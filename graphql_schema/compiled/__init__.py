"""Official operations, compiled: the idea of this folder on one page.

graphql-core interprets. For each request it walks the document anew, and for each field of each object it
looks up the definition, the arguments, the directives and the type of what it found. All of that is the
same every time: an official operation never changes while the server runs. So it is decided once, when the
server starts, and what remains is a plan: Python functions that call each other, each knowing already what
it has to do at its place. Those that read the fields of an object are written for it, as text, for these
fields are most of the work; `python -m graphql_schema.compiled home` shows them. The others are closures.

    official    which operations have plans, and how a request is answered by one
    plans       a document becomes a plan: one for each combination of what @skip and @include go by
    variables   what a request gives along becomes the operation's variables
    selections  which fields of an object are read, one for each key of the answer
    writing     the Python that reads them
    steps       the fields that take more than a line of it
    resolvers   how a field's value is found: an attribute, a method, or Strawberry's own resolver
    arguments   what a method is called with
    columns     fields that are found for many objects at once, when what is around them is done
    completion  what becomes of a value that was found: leaf, list, object, or one of several types
    leaves      how scalars and enums are written
    subscribing a subscription's events, for each of which its plan is run
    execution   one run of a plan: its places, its errors, what it waits for
    shared_answers  an event's answer, made once for all who are to get the same
    selected    a field as an operation selects it

Four rules keep it small, and the same as graphql-core:

- What is looked up, graphql-core looks up: which fields are selected (fragments, types, directives), what a
  literal argument is, what is wrong with a value. Plans call its functions when they are made, wherever
  possible, and when something is wrong.
- What is unusual is left to graphql-core. A request that would be refused before it runs (a variable that
  does not fit, a budget that is used up) is handed on as it came, for nothing has happened yet. A field
  whose refusals become `Rejected` is called by Strawberry's own resolver. An operation that cannot be
  compiled at all is named in the log when the server starts, and executed as before.
- Permissions are asked where they were asked: before each guarded field; once for an object whose fields
  all have the same readers.
- The same waits for the same. A step gives its part of the answer, or a coroutine when it has to wait; the
  object around it waits for all of these together, a mutation for one after the other. So resolvers are
  called in the order in which graphql-core calls them. Columns alone are called with more objects at once,
  and earlier than those that graphql-core gathers first: independent ones may change places.

That both give the same answers, and call the same in the same order, is proven in `tests/compiled`: for all
official operations, and for thousands that are made up. `TSUNAGU_COMPILED_OPERATIONS=off` is the way back.

Not known to plans: lists that are made while they are read (async generators), and `strawberry.cast`.
"""
