"""Digital reference objects: photographs, radiographs, CT and MR of one anatomy whose truth is known."""
